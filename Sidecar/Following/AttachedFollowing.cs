using BackupSidecar.Capture;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Follows a database that an app has open in WAL mode, from the attachment until the app has left.</summary>
/// <remarks>
/// (1) Look at the index of the log; nothing new: wait                     <see cref="CaptureLook"/>, <see cref="LogWaiter"/>
/// (2) Something new: wait until a capture is due                          <see cref="CapturePace"/>
/// (3) Find what has changed by the log, as often as the app overtakes us  <see cref="LogCapture"/>
/// (4) The log cannot tell: compare page hashes                            <see cref="Captures"/>
/// (5) The app has left, and everything is captured: let go
/// (6) Everything is captured, and there is time: compare a few pages with what was captured   <see cref="TableScrub"/>
/// </remarks>
internal sealed class AttachedFollowing
{
    /// <summary>How often a reading without a lock is tried that the app overtook, before pages are compared under a read mark.</summary>
    private const int AttemptsMax = 5;

    /// <summary>While the end is near: how soon an app that leaves is seen.</summary>
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(50);

    /// <summary>A commit changes the index within microseconds. One that stays unreadable was left so by a kill, and the next reader of the database mends it.</summary>
    private static readonly TimeSpan UnreadableMax = TimeSpan.FromSeconds(1);

    /// <summary>How long nobody must have the database open: an app that opens it for every commit is followed by its log, and would cost a comparison of all pages for each if we left with it.</summary>
    private static readonly TimeSpan AloneMax = TimeSpan.FromSeconds(1);

    private readonly FollowerShared _shared;
    private readonly Captures _captures;
    private readonly TableScrub _scrub;
    private readonly LogAssist _assist;
    private readonly FollowedSource _followed;
    private readonly AttachedDatabase _database;
    private readonly CapturePace _pace = new();
    private readonly LogWaiter _waiter;

    /// <summary>The cursor was taken from the log since this attachment began.</summary>
    private bool _isCursorOfThisAttachment;

    /// <summary>The log cannot tell what has changed since the cursor, and all pages are to be compared when that is due.</summary>
    private bool _isRefused;

    private long? _unreadableSince;
    private long? _aloneSince;

    /// <summary>When the last look that found nothing, or the last capture, was: what is found next came after it.</summary>
    private DateTimeOffset? _capturedUpTo;

    /// <param name="database">Attached. Stays the caller's.</param>
    public AttachedFollowing(FollowerShared shared, Captures captures, TableScrub scrub, LogAssist assist, FollowedSource followed, AttachedDatabase database)
    {
        _shared = shared;
        _captures = captures;
        _scrub = scrub;
        _assist = assist;
        _followed = followed;
        _database = database;
        _waiter = new LogWaiter(
            shared.Around.Watch, shared.Wake, database.Source.Path + SourceFile.WalSuffix, database.IsAnotherWriting, FollowerShared.IdleLook, shared.Time, shared.Around.Random);
    }

    /// <returns>Null: the app has left, the path names other files by now, or what is stored was found to be damaged.</returns>
    public async Task<FollowingEnd?> RunAsync(StopSignals stop)
    {
        while (_database.AreFilesTheSame() && !_database.WasRecovered && !_shared.IsToStartAnew(_followed))
        {
            // What is asked for before the look is answered by it.
            stop.Abandoned.ThrowIfCancellationRequested();
            var isLast = stop.LastCapture.IsCancellationRequested;
            var requests = _shared.Requests.Peek();

            // (1)
            var look = Look();
            if (!stop.Requested.IsCancellationRequested)
            {
                _assist.Step(look);
            }

            if (look.IsNews || IsStuck(look, isLast))
            {
                var isUrgent = requests.Count > 0 || stop.Requested.IsCancellationRequested;
                if (await TryCaptureAsync(look, isUrgent, stop.Abandoned))
                {
                    _shared.Requests.Complete(requests);

                    // Of an app that commits all the time there is always more; what was committed before the end was asked for is stored.
                    if (isLast && (_database.IsAnotherAttached() || Cursor is null))
                    {
                        return FollowingEnd.CommitsPossible;
                    }
                }

                continue;
            }

            if (look.IsReadable)
            {
                _shared.Requests.Complete(requests);

                // (5)
                if (HasAppLeft(stop.Requested.IsCancellationRequested))
                {
                    return stop.Requested.IsCancellationRequested ? FollowingEnd.Complete : null;
                }

                if (stop.LastCapture.IsCancellationRequested)
                {
                    return FollowingEnd.CommitsPossible;
                }

                // (6)
                if (!stop.Requested.IsCancellationRequested)
                {
                    await _scrub.StepAsync(_followed, _database, stop.Abandoned);
                }
            }

            await WaitAsync(look, stop.Requested.IsCancellationRequested);
        }

        return null;
    }

    private WalCursor? Cursor => _followed.CursorIn(_database.Source);

    private CaptureLook Look()
    {
        var now = _shared.Time.GetUtcNow();
        var look = CaptureLook.At(_database, Cursor, _isCursorOfThisAttachment);
        _unreadableSince = look.IsReadable ? null : _unreadableSince ?? _shared.Time.GetTimestamp();
        if (look.IsNews)
        {
            _shared.Status.Behind(_capturedUpTo ?? now, look.CommitsAhead);
        }
        else if (look.IsReadable)
        {
            // A commit after it wakes us at once.
            _capturedUpTo = null;
            _shared.Status.UpToDate();
        }

        return look;
    }

    private bool IsStuck(CaptureLook look, bool isLast) =>
        !look.IsReadable && _unreadableSince is { } since && (isLast || _shared.Time.GetElapsedTime(since) > UnreadableMax);

    private Task WaitAsync(CaptureLook look, bool isEnding)
    {
        if (!look.IsReadable)
        {
            return _shared.DelayAsync(LogWaiter.LookMin);
        }

        return isEnding || _aloneSince is not null ? _shared.DelayAsync(DrainLook) : _waiter.WaitAsync().AsTask();
    }

    /// <returns>False: it was waited a little, or nothing could be done yet. Look again.</returns>
    private async ValueTask<bool> TryCaptureAsync(CaptureLook look, bool isUrgent, CancellationToken ct)
    {
        // (2)
        if (!isUrgent && _pace.Next(_shared.Definition.Interval, _shared.SinceLastCapture, look.IsReset, look.FramesAhead) is { Ticks: > 0 } wait)
        {
            await _shared.DelayUnlessAskedAsync(wait);
            return false;
        }

        if (!isUrgent && _isRefused && !_captures.IsComparingDue)
        {
            await _shared.DelayUnlessAskedAsync(DrainLook);
            return false;
        }

        _shared.LastCapture = _shared.Time.GetTimestamp();
        _capturedUpTo = _shared.Time.GetUtcNow();

        // (3)
        if (await FindInLogAsync(ct) is { } refusal)
        {
            if (!isUrgent && !_captures.IsComparingDue)
            {
                return false;
            }

            // (4)
            await _captures.CompareAsync(_followed, _database, refusal.Reason, refusal.LostCommits, ct);
            _isCursorOfThisAttachment = Cursor is not null;
        }

        _isRefused = false;
        _unreadableSince = null;
        return true;
    }

    /// <returns>Null: everything up to now is stored. Else why the log cannot tell what has changed.</returns>
    private async ValueTask<(string Reason, bool LostCommits)?> FindInLogAsync(CancellationToken ct)
    {
        for (var attempt = 1; Cursor is { } cursor; attempt++)
        {
            try
            {
                var outcome = LogCapture.Find(_database, cursor, _isCursorOfThisAttachment);
                if (outcome.Changes is { } changes)
                {
                    await _captures.PutAsync(_followed, changes, ct);
                    _isCursorOfThisAttachment = true;
                    return null;
                }

                if (outcome.Refusal is not { } reason)
                {
                    return null;
                }

                if (!outcome.LostCommits && !_isRefused)
                {
                    _shared.Status.Change(status => status with { MissedResets = status.MissedResets + 1 });
                }

                _isRefused = true;
                return (reason, outcome.LostCommits);
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // The app went on while we read: decide again from what is there now, and give it the time to finish what it writes.
                await _shared.DelayAsync(LogWaiter.LookMin);
            }
            catch (ImageChangedException e)
            {
                return (e.Message, LostCommits: false);
            }
        }

        return ("where its log was captured up to is not known", LostCommits: false);
    }

    /// <summary>Nobody else has had the database open for a while, or at the end now, and everything is captured.</summary>
    private bool HasAppLeft(bool isEnding)
    {
        if (_database.IsAnotherAttached())
        {
            _aloneSince = null;
            return false;
        }

        _aloneSince ??= _shared.Time.GetTimestamp();
        if (!isEnding && _shared.Time.GetElapsedTime(_aloneSince.Value) < AloneMax)
        {
            return false;
        }

        // Traces first: who comes and goes after the last look is then seen by them.
        var traces = FileTraces.Of(_database.Source.Path);
        if (_database.IsAnotherAttached() || Look() is not { IsReadable: true, IsNews: false })
        {
            return false;
        }

        _shared.CapturedTraces = traces;
        return true;
    }
}
