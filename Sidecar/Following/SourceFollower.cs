using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Following.Waking;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Keeps a repository up with one source, commit after commit. Start reading here.</summary>
/// <remarks>
/// (1) Find what is stored, and the local state that belongs to it         <see cref="FollowedSource"/>
/// (2) Wait: a write to the log wakes, the clock looks now and then        <see cref="FileWatch"/>, <see cref="CapturePace"/>
/// (3) Find what has changed: log, old tail and new log, or page hashes    <see cref="LogCapture"/>, <see cref="PositionRun"/>
/// (4) Put the pack                                                        <see cref="LogChangeset"/>   ◄ the position exists from here on
/// (5) The application has left: a last capture, then let go of the database
/// While no application has the database open in WAL mode nothing of ours is attached to it; then, and for a rollback journal, the file's
/// traces (length, time) say when to compare page hashes, and the database itself says what changed. Any failure ends the run: whoever
/// runs it starts it again, and it goes on from what is stored.
/// </remarks>
internal sealed class SourceFollower(
    BackupRepository repository, FollowOptions options, FileWatch watch, SemaphoreSlim heavy, TimeProvider time)
{
    /// <summary>An application is told about a write before its commit is complete: for so long the index is looked at every millisecond.</summary>
    private const int LooksAfterWake = 30;

    private static readonly TimeSpan LookAfterWake = TimeSpan.FromMilliseconds(1);

    /// <summary>While the end is near: how soon an application that leaves is seen.</summary>
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(50);

    /// <summary>An index that stays unreadable for longer is being recovered by a process that hangs; page hashes then go their own way.</summary>
    private const int UnreadableLooksMax = 2000;

    private readonly WakeSignal _wake = new();
    private readonly CaptureRequests _requests = new();
    private long _lastCapture;

    public FollowStatus Status { get; } = new();

    /// <summary>Returns when everything that was committed before the call is stored.</summary>
    public Task CaptureNowAsync(CancellationToken ct)
    {
        var stored = _requests.Add();
        _wake.Set();
        return stored.WaitAsync(ct);
    }

    /// <param name="drain">Asks to come to an end: as soon as no application has the database open, after a final capture.</param>
    /// <param name="deadline">Asks to make the final capture now, whoever has the database open.</param>
    public async Task<FollowEnd> RunAsync(CancellationToken drain, CancellationToken deadline)
    {
        try
        {
            // (1)
            var file = SourceFile.Resolve(options.DatabasePath);
            SourceDatabase.EnsureIsDatabase(file);
            using var followed = await FollowedSource.OpenAsync(repository, file, options, time, CancellationToken.None);
            Status.Opened(followed);
            while (true)
            {
                var end = AttachedDatabase.TryAttach(file, out var reason) is { } database
                    ? await FollowAttachedAsync(followed, database, drain, deadline)
                    : await FollowDetachedAsync(followed, file, reason, drain, deadline);
                if (end is { } ended)
                {
                    return ended;
                }

                file = SourceFile.Resolve(options.DatabasePath);
            }
        }
        catch (Exception e)
        {
            _requests.Fail(e);
            throw;
        }
    }

    /// <returns>Null: the application has left, or the path names other files by now.</returns>
    private async Task<FollowEnd?> FollowAttachedAsync(FollowedSource followed, AttachedDatabase database, CancellationToken drain, CancellationToken deadline)
    {
        using var attached = database;
        Status.Attached();
        var pace = new CapturePace(options.Interval);
        var waiter = new LogWaiter(watch, _wake, database.Source.Path + SourceFile.WalSuffix, options.IdleLook, time);
        while (database.AreFilesTheSame())
        {
            var requests = _requests.Peek();
            var isUrgent = requests.Count > 0 || drain.IsCancellationRequested;
            var look = Look(followed, database);
            if (look.IsNews && !isUrgent && pace.Next(time.GetElapsedTime(_lastCapture), waiter.SinceLook(), look.IsReset, look.FramesAhead) is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, time, CancellationToken.None);
                continue;
            }

            if (look.IsNews)
            {
                await CaptureAsync(followed, database);
                waiter.Captured();
                _requests.Complete(requests);
                continue;
            }

            // (5)
            _requests.Complete(requests);
            var isLeft = (drain.IsCancellationRequested || waiter.IsIdle) && !database.IsAnotherAttached();
            if (isLeft && !Look(followed, database).IsNews)
            {
                _captured = FileTraces.Of(database.Source.Path);
                return drain.IsCancellationRequested ? FollowEnd.Complete : null;
            }

            if (deadline.IsCancellationRequested)
            {
                return FollowEnd.CommitsPossible;
            }

            await waiter.WaitAsync(drain);
        }

        return null;
    }
}
