using System.Globalization;
using BackupSidecar.Backup;
using BackupSidecar.Capture;
using BackupSidecar.Following.Waking;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Keeps a repository up with one database, commit after commit. Start reading here.</summary>
/// <remarks>
/// (1) Find what is stored, and the local state that belongs to it         <see cref="FollowedSource"/>
/// (2) Wait: a write to the log wakes, the clock looks now and then        <see cref="LogWaiter"/>, <see cref="CapturePace"/>
/// (3) Find what has changed: log, old tail and new log, or page hashes    <see cref="LogCapture"/>, <see cref="PositionRun"/>
/// (4) Put the pack                                                        <see cref="LogChangeset"/>   ◄ the position exists from here on
/// (5) The app has left: a last capture, then let go of the database
/// While no app has the database open in WAL mode nothing of ours is attached to it; then, and with a rollback journal, the traces of its
/// files say when to compare page hashes, and the database itself says what has changed. Any failure ends the run; the next one goes on
/// from what is stored.
/// </remarks>
internal sealed class SourceFollower : IFollowedSource
{
    /// <summary>How often a reading without a lock is tried that the app overtook, before pages are compared under a read mark.</summary>
    private const int AttemptsMax = 5;

    /// <summary>
    /// Comparing all pages takes at most this share of the time of a source, unless somebody waits for it: where an app starts its log anew faster than it can be
    /// followed, a large database is captured more rarely, and not read all the time.
    /// </summary>
    private const double ComparingShareMax = 0.1;

    /// <summary>How long a read mark of a comparison lasts: an app that wants to start its log anew waits no longer for it.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(50);

    /// <summary>Comparisons in windows that are tried; then the whole database is read under one mark.</summary>
    private const int ComparisonsMax = 3;

    /// <summary>While the end is near: how soon an app that leaves is seen.</summary>
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(50);

    /// <summary>How often a database is looked at that nothing woke us for. Only where inotify does not reach does anything depend on it.</summary>
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(5);

    /// <summary>A commit changes the index within microseconds. One that stays unreadable was left so by a kill, and the next reader of the database mends it.</summary>
    private static readonly TimeSpan UnreadableMax = TimeSpan.FromSeconds(1);

    /// <summary>File systems tell the time of a write by a clock that ticks this seldom: a write after a look is told apart from one before it by a tick between them.</summary>
    private static readonly TimeSpan FileClockTick = TimeSpan.FromMilliseconds(20);

    /// <summary>While nothing is attached: the least time between two looks, however busy the directory is.</summary>
    private static readonly TimeSpan DetachedLookMin = TimeSpan.FromMilliseconds(100);

    private readonly FollowerSurroundings _around;
    private readonly WakeSignal _wake = new();
    private readonly CaptureRequests _requests = new();
    private readonly StatusBoard _status;
    private SourceDefinition _definition;
    private long? _lastCapture;
    private long? _lastCompared;
    private TimeSpan _comparingTook;
    private FileTraces? _captured;

    public SourceFollower(SourceDefinition definition, FollowerSurroundings around)
    {
        _definition = definition;
        _around = around;
        _status = new StatusBoard(definition);
    }

    public SourceStatus Status => _status.Now with
    {
        DatabaseBytes = FileIdentity.TryGet(_definition.Path, out var database) ? database.LengthBytes : null,
        WalBytes = FileIdentity.TryGet(_definition.Path + SourceFile.WalSuffix, out var log) ? log.LengthBytes : null,
    };

    public void Apply(SourceDefinition definition)
    {
        Volatile.Write(ref _definition, definition);
        _wake.Set();
    }

    /// <summary>Returns when everything that was committed before the call is stored.</summary>
    /// <exception cref="OperationCanceledException">Following has ended, or <paramref name="ct"/> came first.</exception>
    public Task CaptureNowAsync(CancellationToken ct)
    {
        var stored = _requests.Add();
        _wake.Set();
        return stored.WaitAsync(ct);
    }

    public async Task<FollowingEnd> RunAsync(StopSignals stop)
    {
        using var requested = stop.Requested.Register(_wake.Set);
        using var lastCapture = stop.LastCapture.Register(_wake.Set);
        using var abandoned = stop.Abandoned.Register(_wake.Set);
        try
        {
            var end = await FollowAsync(stop);
            _status.Be(SourceState.Ended, end == FollowingEnd.Complete ? "everything is captured" : "an app still has the database open");
            return end;
        }
        finally
        {
            _requests.Close();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<FollowingEnd> FollowAsync(StopSignals stop)
    {
        FollowedSource? followed = null;
        try
        {
            while (true)
            {
                stop.Abandoned.ThrowIfCancellationRequested();
                if (!FileIdentity.TryGet(_definition.Path, out _))
                {
                    if (await WaitForFileAsync(stop) is { } none)
                    {
                        return none;
                    }

                    continue;
                }

                // (1)
                var file = SourceFile.Resolve(_definition.Path);
                SourceDatabase.EnsureIsDatabase(file);
                followed ??= await OpenAsync(file, stop.Abandoned);
                if (await FollowAsync(followed, file, stop) is { } end)
                {
                    return end;
                }
            }
        }
        finally
        {
            followed?.Dispose();
        }
    }

    /// <returns>Null: look again.</returns>
    private async Task<FollowingEnd?> FollowAsync(FollowedSource followed, SourceFile file, StopSignals stop)
    {
        try
        {
            return AttachedDatabase.TryAttach(file, out var reason) is { } database
                ? await FollowAttachedAsync(followed, database, stop)
                : await LookDetachedAsync(followed, file, reason, stop);
        }
        catch (ImageChangedException e)
        {
            // The app came, went or replaced the file just now.
            _status.Be(SourceState.Waiting, e.Message);
            await Task.Delay(DetachedLookMin, _around.Time, CancellationToken.None);
            return null;
        }
    }

    private async ValueTask<FollowedSource> OpenAsync(SourceFile file, CancellationToken ct)
    {
        var options = new BackupOptions
        {
            DatabasePath = file.Path,
            SourceName = _definition.Name,
            StateDirectory = _around.StateDirectory,
            Compression = _definition.Compression,
            Workers = _around.Workers,
        };
        var followed = await FollowedSource.OpenAsync(_around.Repository, options, _around.Time, ct);
        _status.At(followed.Position);
        return followed;
    }

    /// <returns>Null: look again.</returns>
    private async Task<FollowingEnd?> WaitForFileAsync(StopSignals stop)
    {
        _status.Be(SourceState.Waiting, "there is no database yet");
        if (stop.Requested.IsCancellationRequested)
        {
            return FollowingEnd.Complete;
        }

        _ = _around.Watch.TryArmDirectory(Path.GetDirectoryName(_definition.Path)!, _wake);
        if (!FileIdentity.TryGet(_definition.Path, out _))
        {
            _ = await _wake.WaitAsync(IdleLook, _around.Time, CancellationToken.None);
        }

        return null;
    }

    /// <returns>Null: the app has left, or the path names other files by now.</returns>
    private async Task<FollowingEnd?> FollowAttachedAsync(FollowedSource followed, AttachedDatabase attached, StopSignals stop)
    {
        using var database = attached;
        _status.Be(SourceState.Following, "an app has the database open");
        _status.Change(status => status with { JournalMode = "wal" });
        var pace = new CapturePace();
        var waiter = new LogWaiter(_around.Watch, _wake, database.Source.Path + SourceFile.WalSuffix, IdleLook, _around.Time, _around.Random);
        var isCursorOfThisAttachment = false;
        _captured = null;
        long? unreadableSince = null;
        while (database.AreFilesTheSame() && !database.WasRecovered)
        {
            stop.Abandoned.ThrowIfCancellationRequested();
            var isLast = stop.LastCapture.IsCancellationRequested;
            var requests = _requests.Peek();
            var look = CaptureLook.At(database, followed.CursorIn(database.Source), isCursorOfThisAttachment);
            unreadableSince = look.IsReadable ? null : unreadableSince ?? _around.Time.GetTimestamp();
            var isStuck = unreadableSince is { } since && (isLast || _around.Time.GetElapsedTime(since) > UnreadableMax);
            if (look.IsNews || isStuck)
            {
                var isUrgent = requests.Count > 0 || stop.Requested.IsCancellationRequested;
                _status.Change(status => status with { LagCommits = look.CommitsAhead });
                if (!isUrgent && WaitBefore(pace, look) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, _around.Time, CancellationToken.None);
                    continue;
                }

                _lastCapture = _around.Time.GetTimestamp();
                if (await CaptureAsync(followed, database, isCursorOfThisAttachment, isUrgent, stop.Abandoned) is not { } isCursorFresh)
                {
                    await Task.Delay(DrainLook, _around.Time, CancellationToken.None);
                    continue;
                }

                isCursorOfThisAttachment = isCursorFresh;
                unreadableSince = null;
                waiter.Restart();
                _requests.Complete(requests);

                // Of an app that commits all the time there is always more; what was committed before the end was asked for is stored.
                if (isLast && (database.IsAnotherAttached() || followed.CursorIn(database.Source) is null))
                {
                    return FollowingEnd.CommitsPossible;
                }

                continue;
            }

            // (5)
            if (look.IsReadable)
            {
                _requests.Complete(requests);
                var mayBeLeft = waiter.IsIdle || stop.Requested.IsCancellationRequested;

                // Traces first: who comes and goes after the last look is then seen by them.
                var traces = mayBeLeft ? FileTraces.Of(database.Source.Path) : null;
                if (mayBeLeft && !database.IsAnotherAttached()
                    && CaptureLook.At(database, followed.CursorIn(database.Source), isCursorOfThisAttachment) is { IsReadable: true, IsNews: false })
                {
                    _captured = traces;
                    return stop.Requested.IsCancellationRequested ? FollowingEnd.Complete : null;
                }

                if (stop.LastCapture.IsCancellationRequested)
                {
                    return FollowingEnd.CommitsPossible;
                }
            }

            await (stop.Requested.IsCancellationRequested || !look.IsReadable
                ? Task.Delay(look.IsReadable ? DrainLook : LogWaiter.LookMin, _around.Time, CancellationToken.None)
                : waiter.WaitAsync().AsTask());
        }

        return null;
    }

    private TimeSpan WaitBefore(CapturePace pace, CaptureLook look)
    {
        var sinceCapture = _lastCapture is { } last ? _around.Time.GetElapsedTime(last) : TimeSpan.MaxValue;
        return pace.Next(_definition.Interval, sinceCapture, look.IsReset, look.FramesAhead);
    }

    /// <returns>True if the cursor was taken from the log as it is now; null if nothing was done, since it is not yet time to compare all pages again.</returns>
    private async ValueTask<bool?> CaptureAsync(FollowedSource followed, AttachedDatabase database, bool isCursorOfThisAttachment, bool isUrgent, CancellationToken ct)
    {
        var (refusal, lostCommits) = ("where its log was captured up to is not known", false);
        for (var attempt = 1; followed.CursorIn(database.Source) is { } cursor; attempt++)
        {
            try
            {
                var outcome = LogCapture.Find(database, cursor, isCursorOfThisAttachment);
                if (outcome.Changes is { } changes)
                {
                    await PutAsync(followed, changes, ct);
                    return true;
                }

                if (outcome.Refusal is not { } reason)
                {
                    return isCursorOfThisAttachment;
                }

                (refusal, lostCommits) = (reason, outcome.LostCommits);
                if (!lostCommits)
                {
                    _status.Change(status => status with { MissedResets = status.MissedResets + 1 });
                }

                break;
            }
            catch (ImageChangedException e) when (attempt < AttemptsMax)
            {
                // The app went on while we read: decide again from what is there now, and give it the time to finish what it writes.
                refusal = e.Message;
                await Task.Delay(LogWaiter.LookMin, _around.Time, CancellationToken.None);
            }
            catch (ImageChangedException e)
            {
                refusal = e.Message;
                break;
            }
        }

        if (!isUrgent && !MayCompare())
        {
            return null;
        }

        await CompareAsync(followed, database, refusal, lostCommits, ct);
        return followed.CursorIn(database.Source) is not null;
    }

    private bool MayCompare() =>
        _lastCompared is not { } last || _around.Time.GetElapsedTime(last) >= _comparingTook * ((1 / ComparingShareMax) - 1);

    private async ValueTask PutAsync(FollowedSource followed, LogChanges changes, CancellationToken ct)
    {
        using var owned = changes;
        var at = _around.Time.GetUtcNow();
        var stored = await followed.PutAsync(changes, ct);
        _status.Captured(at, stored?.Position ?? followed.Position!.Value, counts => changes.Method == CaptureMethod.Wal
            ? counts with { Wal = counts.Wal + 1 }
            : counts with { OldTail = counts.OldTail + 1 });
        FollowingLog.Captured(_around.Log, _definition.Name, changes.Method, stored?.PageCount ?? 0, stored?.LengthBytes ?? 0, changes.Commits);
    }

    /// <summary>Compares all pages, or takes all: in windows where that can be proved and there is room for what is copied, else under one read mark.</summary>
    private ValueTask CompareAsync(FollowedSource followed, AttachedDatabase database, string reason, bool lostCommits, CancellationToken ct)
    {
        if (followed.Position is not null)
        {
            _status.Refused(new RefusedCapture(_around.Time.GetUtcNow(), "wal", reason));
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
                FollowingLog.ComparedInVain(_around.Log, _definition.Name, e.Message);
            }
            catch (SpoolSpaceException e)
            {
                whyNot = $"{e.Message} {e.Hint}";
                break;
            }
        }

        FollowingLog.Holds(_around.Log, _definition.Name, whyNot);
        return false;
    }

    private void Compared(Position position, ComparedChangeset compared, string reason, DateTimeOffset at)
    {
        _status.Captured(at, position, counts => counts with { PageHashes = counts.PageHashes + 1 });
        _status.Read(compared.LongestWindow);
        FollowingLog.Compared(_around.Log, _definition.Name, reason, compared.Stored?.PageCount ?? 0, compared.LongestWindow.TotalMilliseconds);
        Tell(position, compared.NewTimelineReason, []);
    }

    private async ValueTask PutByPageHashesAsync(FollowedSource followed, string reason, bool lostCommits, DateTimeOffset at, CancellationToken ct) =>
        Stored(await followed.PutByPageHashesAsync(lostCommits ? reason : null, ct), reason, at);

    private void Stored(StoredPosition stored, string reason, DateTimeOffset at)
    {
        var facts = stored.Capture.Image.Facts;
        var isFull = stored.Capture.IsChanged && stored.Capture.Plan.Baseline is null;
        _status.Change(status => status with { JournalMode = facts.IsWal ? "wal" : "rollback journal", AppSqliteVersion = VersionText(facts.SqliteVersionNumber) });
        _status.Captured(at, stored.Position, counts => isFull ? counts with { Full = counts.Full + 1 } : counts with { PageHashes = counts.PageHashes + 1 });
        if (facts.IsWal)
        {
            _status.Read(stored.Capture.Held);
        }

        FollowingLog.Compared(_around.Log, _definition.Name, reason, stored.Capture.PagesStored, stored.Capture.Held.TotalMilliseconds);
        Tell(stored.Position, stored.NewTimelineReason, stored.Doubts);
    }

    private void Tell(Position position, string? newTimeline, IEnumerable<OperatorException> doubts)
    {
        if (newTimeline is not null)
        {
            FollowingLog.NewTimeline(_around.Log, _definition.Name, position, newTimeline);
        }

        foreach (var doubt in doubts)
        {
            FollowingLog.Doubt(_around.Log, _definition.Name, doubt.Message, doubt.Hint);
        }
    }

    /// <summary>Reads a whole database while a core is left to the others.</summary>
    private async ValueTask HeavilyAsync(Func<DateTimeOffset, ValueTask> work, CancellationToken ct)
    {
        var at = _around.Time.GetUtcNow();
        _ = FileIdentity.TryGet(_definition.Path, out var database);
        using var turn = await _around.HeavyWork.EnterAsync(database.LengthBytes, ct);
        var started = _around.Time.GetTimestamp();
        try
        {
            await work(at);
        }
        finally
        {
            _lastCompared = _around.Time.GetTimestamp();
            _comparingTook = _around.Time.GetElapsedTime(started, _lastCompared.Value);
        }
    }

    private static string? VersionText(uint number) =>
        number == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{number / 1_000_000}.{number / 1000 % 1000}.{number % 1000}");

    /// <returns>Null: look again how the database is used.</returns>
    private async Task<FollowingEnd?> LookDetachedAsync(FollowedSource followed, SourceFile file, string reason, StopSignals stop)
    {
        _status.Be(SourceState.Waiting, reason);
        var requests = _requests.Peek();
        var traces = FileTraces.Of(file.Path);
        var isUrgent = requests.Count > 0 || stop.Requested.IsCancellationRequested;
        var isDue = isUrgent || ((_captured is null || _lastCapture is not { } last || _around.Time.GetElapsedTime(last) >= _definition.RollbackJournalInterval) && MayCompare());
        if (traces != _captured && isDue)
        {
            await Task.Delay(FileClockTick, _around.Time, CancellationToken.None);
            _lastCapture = _around.Time.GetTimestamp();
            await HeavilyAsync(at => PutByPageHashesAsync(followed, _captured is null ? "following begins" : reason, lostCommits: false, at, stop.Abandoned), stop.Abandoned);
            _captured = traces;
        }

        if (traces == _captured)
        {
            _requests.Complete(requests);
        }

        if (traces == _captured && stop.Requested.IsCancellationRequested)
        {
            // With a rollback journal an app that only has the database open holds no lock: that it has left cannot be known.
            return Status.JournalMode == "wal" && !AttachmentProbe.IsAnyAttached(file) ? FollowingEnd.Complete : FollowingEnd.CommitsPossible;
        }

        _ = _around.Watch.TryArmDirectory(Path.GetDirectoryName(file.Path)!, _wake);
        if (FileTraces.Of(file.Path) == traces && !stop.Requested.IsCancellationRequested)
        {
            // What has changed and is not yet due is looked at again soon: no further write need wake us.
            _ = await _wake.WaitAsync(traces == _captured ? IdleLook : DetachedLookMin, _around.Time, CancellationToken.None);
        }

        await Task.Delay(DetachedLookMin, _around.Time, CancellationToken.None);
        return null;
    }
}
