using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Looks after a database that nothing of ours is attached to: nobody has it open in WAL mode, or it has a rollback journal.</summary>
/// <remarks>The traces of its files say when to compare page hashes, and the database itself says what has changed.</remarks>
internal sealed class DetachedFollowing(FollowerShared shared, Captures captures)
{
    /// <summary>The least time between two looks, however busy the directory is.</summary>
    public static readonly TimeSpan LookMin = TimeSpan.FromMilliseconds(100);

    /// <summary>File systems tell the time of a write by a clock that ticks this seldom: a write after a look is told apart from one before it by a tick between them.</summary>
    private static readonly TimeSpan FileClockTick = TimeSpan.FromMilliseconds(20);

    /// <summary>How soon commits of an app in WAL mode are captured that came and left meanwhile.</summary>
    private static readonly TimeSpan WalInterval = TimeSpan.FromSeconds(1);

    private TimeSpan Interval => shared.Status.Now.JournalMode == "wal" && shared.Definition.RollbackJournalInterval > WalInterval
        ? WalInterval
        : shared.Definition.RollbackJournalInterval;

    /// <summary>One look, a capture if one is due, and the wait for the next look.</summary>
    /// <returns>Null: look again how the database is used.</returns>
    public async Task<FollowingEnd?> LookAsync(FollowedSource followed, SourceFile file, string reason, StopSignals stop)
    {
        shared.Status.Be(SourceState.Waiting, reason);
        var requests = shared.Requests.Peek();
        var traces = FileTraces.Of(file.Path);
        var isUrgent = requests.Count > 0 || stop.Requested.IsCancellationRequested;
        if (traces != shared.CapturedTraces)
        {
            shared.Status.Behind(shared.Time.GetUtcNow(), commits: null);
            if (isUrgent || (captures.IsComparingDue && (shared.CapturedTraces is null || shared.SinceLastCapture >= Interval)))
            {
                await shared.DelayAsync(FileClockTick);
                shared.LastCapture = shared.Time.GetTimestamp();
                await captures.CompareDetachedAsync(followed, shared.CapturedTraces is null ? "following begins" : reason, stop.Abandoned);
                shared.CapturedTraces = traces;
            }
        }

        if (traces == shared.CapturedTraces)
        {
            shared.Status.UpToDate();
            shared.Requests.Complete(requests);
            if (stop.Requested.IsCancellationRequested)
            {
                // With a rollback journal an app that only has the database open holds no lock: that it has left cannot be known.
                return shared.Status.Now.JournalMode == "wal" && !AttachmentProbe.IsAnyAttached(file) ? FollowingEnd.Complete : FollowingEnd.CommitsPossible;
            }
        }

        _ = shared.Around.Watch.TryArmDirectory(Path.GetDirectoryName(file.Path)!, shared.Wake);
        if (FileTraces.Of(file.Path) == traces && !stop.Requested.IsCancellationRequested)
        {
            // What has changed and is not due yet is looked at again soon: no further write need wake us.
            _ = await shared.Wake.WaitAsync(traces == shared.CapturedTraces ? FollowerShared.IdleLook : LookMin, shared.Time, CancellationToken.None);
        }

        // What was asked for and could not be answered, since the files change all the time, is no reason to hurry.
        await (requests.Count == 0 ? shared.DelayUnlessAskedAsync(LookMin) : shared.DelayAsync(LookMin));
        return null;
    }
}
