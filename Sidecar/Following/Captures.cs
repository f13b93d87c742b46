using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Makes the captures of one follower, counts them, and says what needs eyes.</summary>
internal sealed class Captures(FollowerShared shared)
{
    /// <summary>
    /// Comparing all pages takes at most this share of the time of a source, unless somebody waits for it: where an app starts its log anew faster than it can be
    /// followed, a large database is captured more rarely, and not read all the time.
    /// </summary>
    private const double ComparingShareMax = 0.1;

    /// <summary>Comparisons in windows that are tried; then the whole database is read under one mark.</summary>
    private const int ComparisonsMax = 3;

    /// <summary>How long a read mark of a comparison lasts: an app that wants to start its log anew waits no longer for it.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    private long? _lastCompared;
    private TimeSpan _comparingTook;

    /// <summary>False: comparing all pages again now would take more than its share of the time.</summary>
    public bool IsComparingDue => _lastCompared is not { } last || shared.Time.GetElapsedTime(last) >= _comparingTook * ((1 / ComparingShareMax) - 1);

    /// <summary>Puts what the log has told.</summary>
    /// <exception cref="ImageChangedException">The log was overwritten under the reading; nothing was put.</exception>
    public async ValueTask PutAsync(FollowedSource followed, LogChanges changes, CancellationToken ct)
    {
        using var owned = changes;
        var at = shared.Time.GetUtcNow();
        var stored = await followed.PutAsync(changes, ct);
        shared.Status.Captured(at, stored?.Position ?? followed.Position!.Value, counts => changes.Method == CaptureMethod.Wal
            ? counts with { Wal = counts.Wal + 1 }
            : counts with { OldTail = counts.OldTail + 1 });
        FollowingLog.Captured(shared.Around.Log, shared.Name, changes.Method == CaptureMethod.Wal ? "wal" : "tail", stored?.PageCount ?? 0, stored?.LengthBytes ?? 0, changes.Commits);
    }

    /// <summary>Compares all pages, or takes all: in windows where that can be proved and there is room for what is copied, else under one read mark.</summary>
    /// <param name="followed">The source.</param>
    /// <param name="database">Attached.</param>
    /// <param name="reason">Why the log cannot tell what has changed.</param>
    /// <param name="lostCommits">The reason is one for a new timeline.</param>
    /// <param name="ct">Stops before anything is put.</param>
    public ValueTask CompareAsync(FollowedSource followed, AttachedDatabase database, string reason, bool lostCommits, CancellationToken ct)
    {
        if (followed.Position is not null)
        {
            shared.Status.Refused(new RefusedCapture(shared.Time.GetUtcNow(), "wal", reason));
        }

        return HeavilyAsync(
            async at =>
            {
                if (!await TryCompareAsync(followed, database, reason, lostCommits, at, ct))
                {
                    await PutByPageHashesAsync(followed, reason, lostCommits, at, ct);
                }
            },
            ct);
    }

    /// <summary>Compares all pages of a database that nothing of ours is attached to.</summary>
    public ValueTask CompareDetachedAsync(FollowedSource followed, string reason, CancellationToken ct) =>
        HeavilyAsync(at => PutByPageHashesAsync(followed, reason, lostCommits: false, at, ct), ct);

    /// <returns>False if it cannot be done in windows, so that nothing was put.</returns>
    private async ValueTask<bool> TryCompareAsync(FollowedSource followed, AttachedDatabase database, string reason, bool lostCommits, DateTimeOffset at, CancellationToken ct)
    {
        var whyNot = "";
        for (var attempt = 1; attempt <= ComparisonsMax; attempt++)
        {
            try
            {
                if (await followed.TryCompareAsync(database, lostCommits ? reason : null, Window, ct) is { } compared)
                {
                    Compared(followed.Position!.Value, compared, reason, at);
                }
                else
                {
                    Stored(await followed.PutCopyAsync(database, lostCommits ? reason : null, Window, ct), reason, at);
                }

                return true;
            }
            catch (ImageChangedException e)
            {
                whyNot = e.Message;
                FollowingLog.ComparedInVain(shared.Around.Log, shared.Name, e.Message);
            }
            catch (SpoolSpaceException e)
            {
                whyNot = $"{e.Message} {e.Hint}";
                break;
            }
        }

        FollowingLog.Holds(shared.Around.Log, shared.Name, whyNot);
        return false;
    }

    private void Compared(Position position, ComparedChangeset compared, string reason, DateTimeOffset at)
    {
        shared.Status.Captured(at, position, counts => counts with { PageHashes = counts.PageHashes + 1 });
        shared.Status.Read(compared.LongestWindow);
        FollowingLog.Compared(shared.Around.Log, shared.Name, reason, compared.Stored?.PageCount ?? 0, compared.LongestWindow.TotalMilliseconds);
        Tell(position, compared.NewTimelineReason, []);
    }

    private async ValueTask PutByPageHashesAsync(FollowedSource followed, string reason, bool lostCommits, DateTimeOffset at, CancellationToken ct) =>
        Stored(await followed.PutByPageHashesAsync(lostCommits ? reason : null, ct), reason, at);

    private void Stored(StoredPosition stored, string reason, DateTimeOffset at)
    {
        var facts = stored.Capture.Image.Facts;
        var isFull = stored.Capture.IsChanged && stored.Capture.Plan.Baseline is null;
        shared.Status.Change(status => status with
        {
            JournalMode = facts.IsWal ? "wal" : "rollback journal",
            AppSqliteVersion = LogSight.VersionText(facts.SqliteVersionNumber) ?? status.AppSqliteVersion,
        });
        shared.Status.Captured(at, stored.Position, counts => isFull ? counts with { Full = counts.Full + 1 } : counts with { PageHashes = counts.PageHashes + 1 });
        shared.Status.Read(stored.Capture.Held);
        FollowingLog.Compared(shared.Around.Log, shared.Name, reason, stored.Capture.PagesStored, stored.Capture.Held.TotalMilliseconds);
        Tell(stored.Position, stored.NewTimelineReason, stored.Doubts);
        if (isFull && shared.Around.Damage.Healed(shared.Name, stored.Position.Transaction.Value, shared.Time.GetUtcNow()) is { } damage)
        {
            FollowingLog.MadeAnew(shared.Around.Log, shared.Name, stored.Position, damage.Message);
        }
    }

    private void Tell(Position position, string? newTimeline, IEnumerable<OperatorException> doubts)
    {
        if (newTimeline is not null)
        {
            FollowingLog.NewTimeline(shared.Around.Log, shared.Name, position, newTimeline);
        }

        foreach (var doubt in doubts)
        {
            FollowingLog.Doubt(shared.Around.Log, shared.Name, doubt.Message, doubt.Hint);
        }
    }

    /// <summary>Reads a whole database while a core is left to the others.</summary>
    private async ValueTask HeavilyAsync(Func<DateTimeOffset, ValueTask> work, CancellationToken ct)
    {
        var at = shared.Time.GetUtcNow();
        _ = FileIdentity.TryGet(shared.Definition.Path, out var database);
        using var turn = await shared.Around.HeavyWork.EnterAsync(database.LengthBytes, ct);
        var started = shared.Time.GetTimestamp();
        try
        {
            await work(at);
        }
        finally
        {
            _lastCompared = shared.Time.GetTimestamp();
            _comparingTook = shared.Time.GetElapsedTime(started, _lastCompared.Value);
        }
    }
}
