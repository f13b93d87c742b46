using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Restore.Swap;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>Restores of one source in which its app takes part. Start reading the room here.</summary>
/// <remarks>
/// (1) Staging          the database is assembled and checked beside the one in use, while the app runs         <see cref="StagedRestore"/>
/// (2) Staged           every watching instance is asked to end
/// (3) Placing          the next instance that asks for its database, when nobody has it open:
///                      capture once more, close our handles, swap; the old one is kept as a safety copy          <see cref="DatabasePreparer"/>, <see cref="DatabaseExchange"/>
/// (4) Unconfirmed      the instance works on the restored database, and has until a deadline to say so
/// (5) Confirmed        it did                                                                                     <see cref="ConfirmAsync"/>
///     RollbackPending  it did not, three instances did not, or an operator wants the old one back: every watching instance is asked to end
/// (6) RollingBack      as (3): what was committed since is captured and kept as a backup, then the safety copy is swapped in
/// (7) RolledBack
///
/// <para>Swaps happen inside <see cref="PrepareAsync"/> and nowhere else: only there it is known that an app is not yet using the database.
/// Each state is on the disk before what it announces is done (<see cref="KnownRestores"/>).</para>
///
/// <para>Everything that changes a state goes through one gate, closed until <see cref="BeginAsync"/>; <see cref="Look"/> waits for nobody.</para>
/// </remarks>
internal sealed class SourceLifecycle : IAsyncDisposable
{
    /// <summary>Instances whose answer is remembered while the sidecar runs.</summary>
    private const int AnswersMax = 1000;

    private readonly string _source;
    private readonly string _path;
    private readonly RestoreOrigins _origins;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly InstanceRegister _instances = new(AnswersMax);
    private readonly KnownRestores _restores;
    private readonly StagedRestore _staged;
    private readonly DatabaseExchange _exchange;
    private readonly DatabasePreparer _preparer;
    private readonly SafetyCopies _safetyCopies;
    private readonly SemaphoreSlim _gate = new(0, 1);
    private readonly CancellationTokenSource _ending = new();
    private OperatorException? _unreadable;
    private bool _isDisposed;

    /// <param name="source">Its name.</param>
    /// <param name="path">Of the database; links are followed.</param>
    /// <param name="startEmpty">True: an app may start without a database if there is no backup.</param>
    /// <param name="journal">Of this source; read when this begins.</param>
    /// <param name="settings">For all sources.</param>
    /// <param name="origins">What is restored from.</param>
    /// <param name="database">Its capture.</param>
    /// <param name="log">For the states.</param>
    /// <param name="time">The clock.</param>
    public SourceLifecycle(
        string source, string path, bool startEmpty, RestoreJournal journal, LifecycleSettings settings, RestoreOrigins origins, IFollowedDatabase database, ILogger log, TimeProvider time)
    {
        _source = source;
        _path = SwapPaths.Of(path).Database;
        _origins = origins;
        _log = log;
        _time = time;
        _restores = new KnownRestores(source, journal, log, time);
        _staged = new StagedRestore(source, _path, origins, settings.Workers);
        _exchange = new DatabaseExchange(source, _path, _restores, _staged, database, settings, log, time);
        _preparer = new DatabasePreparer(source, _path, startEmpty, _restores, _exchange, _instances, origins, database, planned => Begin(planned, TimeSpan.Zero, sqliteChecks: true, isFill: true), log, time);
        _safetyCopies = new SafetyCopies(source, settings.KeepOld, _restores, () => _ = SweepAsync(), log, time);
    }

    /// <summary>Lets calls in, and goes on where an earlier process ended. Throws nothing.</summary>
    /// <param name="former">The lifecycle that this one takes the place of; it ends first, as two must never write one journal.</param>
    public async Task BeginAsync(SourceLifecycle? former)
    {
        if (former is not null)
        {
            await former.DisposeAsync();
        }

        _ = _gate.Release();
        try
        {
            (await EnterAsync(CancellationToken.None)).Dispose();
        }
        catch (LifecycleException)
        {
            // It ends already.
        }
        catch (OperatorException e)
        {
            LifecycleLog.Unreadable(_log, _source, e.Message, e.Hint);
        }
    }

    /// <summary>The restores that are known, newest first.</summary>
    /// <exception cref="OperatorException">The journal cannot be read.</exception>
    public async ValueTask<IReadOnlyList<RestoreRecord>> ListAsync(CancellationToken ct)
    {
        if (!_restores.IsRead)
        {
            (await EnterAsync(ct)).Dispose();
        }

        return Known;
    }

    /// <summary>As <see cref="ListAsync"/>, of what has been read.</summary>
    public IReadOnlyList<RestoreRecord> Known => [.. _restores.All.Select(_restores.AsOfNow)];

    /// <summary>Why the journal cannot be read, so that every start of the app is refused; null: it can, or nobody has tried yet.</summary>
    public OperatorException? Unreadable => Volatile.Read(ref _unreadable);

    /// <summary>While the newest one is being staged: bytes that are assembled.</summary>
    public long StagedBytes => _staged.Bytes;

    /// <summary>What the sidecar wants of an instance at this moment.</summary>
    public (RestartWish? Restart, RestoreRecord? Unconfirmed) Look(string instance)
    {
        var current = _restores.Current is { } restore ? _restores.AsOfNow(restore) : null;
        return (RestartWish.Of(current), current is { State: RestoreState.Unconfirmed } && current.IsGrantedTo(instance) ? current : null);
    }

    /// <summary>The instance counts as running until this is disposed.</summary>
    public IDisposable Watching(string instance) => _instances.Watch(instance);

    /// <summary>Begins a restore; it goes on by itself.</summary>
    /// <exception cref="LifecycleException">Another one has not ended.</exception>
    /// <exception cref="OperatorException">There is no such restore point.</exception>
    public async Task<RestoreRecord> StageAsync(RestoreChoice choice, TimeSpan restartWithin, bool sqliteChecks, CancellationToken ct)
    {
        var planned = await _origins.PlanAsync(_source, choice, isAttended: true, _time, ct);
        using var entered = await EnterAsync(ct);
        if (_restores.Current is { } current)
        {
            throw new LifecycleException(
                LifecycleRefusal.RestoreUnderWay,
                $"Restore {current.Id} of source '{_source}' has not ended: it is {RestoreStateText.Of(current.State)}.",
                current.IsInPlace ? "Let the app confirm it, or undo it." : $"Wait for it, or cancel it: 'backup-sidecar restores cancel {current.Id}'.");
        }

        return Begin(planned, restartWithin, sqliteChecks, isFill: false);
    }

    /// <summary>Returns when the restore that is being staged is, or has failed, or is cancelled. Throws nothing but a cancellation.</summary>
    public async Task StagedOrFailedAsync(CancellationToken ct)
    {
        await _staged.Work.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }

    /// <exception cref="LifecycleException">There is none of that id, or it is in place or has ended.</exception>
    public async Task<RestoreRecord> CancelAsync(string id, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var restore = Find(id);
        if (restore.State is not (RestoreState.Staging or RestoreState.Staged))
        {
            throw new LifecycleException(
                LifecycleRefusal.RestoreNotCancellable,
                $"Restore {id} of source '{_source}' is {RestoreStateText.Of(restore.State)}.",
                restore.IsInPlace ? $"Take it back: 'backup-sidecar restores undo {id}'." : "Nothing needs to be done.");
        }

        var cancelled = _restores.Save(restore.Ended(RestoreState.Cancelled, "an operator cancelled it", Now));
        _staged.Discard();
        return cancelled;
    }

    /// <exception cref="LifecycleException">There is none of that id, it is not in place, or what was there before is gone.</exception>
    public async Task<RestoreRecord> UndoAsync(string id, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        var restore = Find(id);
        if (restore.State is RestoreState.RollbackPending)
        {
            return restore;
        }

        var isNewest = restore == _restores.Newest;
        if ((restore.State is RestoreState.Unconfirmed or RestoreState.Confirmed ? isNewest ? _exchange.ProblemOfTakingBack(restore) : "a newer restore came after it" : $"it is {RestoreStateText.Of(restore.State)}") is { } why)
        {
            throw new LifecycleException(
                LifecycleRefusal.RestoreNotUndoable,
                $"Restore {id} of source '{_source}' cannot be undone: {why}.",
                restore is { ReplacedPosition: { } replaced, IsInPlace: true } ? $"What was there before can be restored from position {replaced}@{restore.ReplacedTimeline}."
                    : restore.HasEnded ? "Nothing needs to be done." : $"It can be cancelled: 'backup-sidecar restores cancel {id}'.");
        }

        return _restores.Save(restore with { State = RestoreState.RollbackPending, Reason = "an operator asked for it", RollbackSince = Now, EndedAt = null });
    }

    /// <summary>Gives an instance of the app its database: see the contract.</summary>
    /// <param name="instance">New at each start of the app.</param>
    /// <param name="appVersion">Empty: not known.</param>
    /// <param name="confirms">False: nobody will, and a restore that is put in place by this call counts as confirmed. One that another instance was given stays for that one to confirm.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="LifecycleException">There is no database, and no backup of it.</exception>
    /// <exception cref="OperatorException">The files do not say what happened, what is missing cannot be restored, or it was deleted while it is in use.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first. Calling again goes on.</exception>
    public async Task<PreparedDatabase> PrepareAsync(string instance, string appVersion, bool confirms, CancellationToken ct)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _ending.Token);
        try
        {
            while (true)
            {
                Task staging;
                using (await EnterAsync(either.Token))
                {
                    if (await _preparer.TryPrepareAsync(new RestoreGrant(instance, appVersion, Now, confirms), either.Token) is { } prepared)
                    {
                        if (_instances.Remember(instance))
                        {
                            var given = WordsOf(prepared.Preparation);
                            LifecycleLog.Prepared(_log, _source, instance, appVersion, given);
                        }

                        return prepared;
                    }

                    staging = _staged.Work;
                }

                await staging.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw _ending.IsCancellationRequested ? Ending() : new OperatorException(
                FailureKind.Failed,
                $"The restore that was to fill the missing database {_path} of source '{_source}' was cancelled.",
                "The next start of the app fills it from the newest restore point; to have another one, stage it before: 'backup-sidecar restores stage'.");
        }
    }

    /// <exception cref="LifecycleException">That instance has nothing to confirm, or it is too late.</exception>
    public async Task ConfirmAsync(string id, string instance, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        if (Granted(id, instance) is { State: RestoreState.Unconfirmed } restore)
        {
            _ = _restores.Save(restore.Ended(RestoreState.Confirmed, $"instance {instance} confirmed it", Now));
        }
    }

    /// <returns>Until when it must be confirmed; null: it is.</returns>
    /// <exception cref="LifecycleException">As <see cref="ConfirmAsync"/>.</exception>
    public async Task<DateTimeOffset?> ExtendAsync(string id, string instance, TimeSpan extension, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        if (Granted(id, instance) is not { State: RestoreState.Unconfirmed } restore)
        {
            return null;
        }

        var until = Now + extension;
        return (until > restore.ConfirmBy ? _restores.Save(restore with { ConfirmBy = until }) : restore).ConfirmBy;
    }

    /// <summary>What is staged stays, and is found again; what is being staged is begun anew by the next process.</summary>
    /// <remarks>After <see cref="BeginAsync"/> was called.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _ending.CancelAsync();
        await _gate.WaitAsync();
        _staged.Stop();
        _safetyCopies.Dispose();
        _ = _gate.Release();
        await _staged.DisposeAsync();
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>As <c>lifecycle prepare</c> says it.</summary>
    private static string WordsOf(Preparation preparation) => preparation switch
    {
        Preparation.Existing => "existing",
        Preparation.Restored => "restored",
        Preparation.RolledBack => "rolled back",
        Preparation.Empty => "empty",
        Preparation.Unspecified or _ => "unknown",
    };

    private static LifecycleException Ending() => new(LifecycleRefusal.Ending, "The sidecar is ending.", "Call again when it has started anew.");

    /// <summary>Returns with the gate, the journal read, and the state as the files and the clock say it.</summary>
    private async Task<Gate> EnterAsync(CancellationToken ct)
    {
        var gate = await Gate.EnterAsync(_gate, _safetyCopies, ct);
        try
        {
            if (_ending.IsCancellationRequested)
            {
                throw Ending();
            }

            if (!_restores.IsRead)
            {
                ReadJournal();
                EndWhatLiesElsewhere();
            }

            Settle();
            if (_restores.Current is { } current && _restores.AsOfNow(current) is var now && now != current)
            {
                _ = _restores.Save(now);
            }

            return gate;
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    private void ReadJournal()
    {
        try
        {
            _restores.Read();
            Volatile.Write(ref _unreadable, null);
        }
        catch (OperatorException e)
        {
            Volatile.Write(ref _unreadable, e);
            throw;
        }
    }

    /// <summary>The source had another path when its restore began.</summary>
    private void EndWhatLiesElsewhere()
    {
        if (_restores.Current is { } current && current.Path != _path)
        {
            if (current.State == RestoreState.Staged && _staged.TryReopen(current))
            {
                _staged.Discard();
            }

            _ = _restores.Save(current.Ended(RestoreState.Failed, $"the path of the source was changed to {_path}", Now));
        }
    }

    /// <summary>After a crash: what was done, and what goes on?</summary>
    private void Settle()
    {
        _exchange.Settle();
        switch (_restores.Current)
        {
            case { IsFill: true, State: RestoreState.Staging or RestoreState.Staged } fill when _exchange.DatabaseExists:
                // Somebody put a database there: nobody asked for it to be replaced.
                _ = _restores.Save(fill.Ended(RestoreState.Cancelled, "the database is there again", Now));
                _staged.Discard();
                break;

            // Also where the record of an end could not be written.
            case { State: RestoreState.Staging } staging when !_staged.IsBegun || _staged.Work.IsCompleted:
                BeginStaging(staging);
                break;
            case { State: RestoreState.Staged } staged when !_staged.HasFile && !_staged.TryReopen(staged):
                BeginStaging(_restores.Save(staged with { State = RestoreState.Staging, StagedPath = null, StagedInode = 0, Reason = "the staged database was gone and is assembled anew" }));
                break;
            default:
                break;
        }
    }

    private RestoreRecord Begin(PlannedRestore planned, TimeSpan restartWithin, bool sqliteChecks, bool isFill)
    {
        var plan = planned.Plan;
        var restore = _restores.Save(new RestoreRecord
        {
            Id = RestoreRecord.NewId(),
            Path = _path,
            State = RestoreState.Staging,
            Reason = isFill ? "the database is missing" : "",
            Position = plan.Point.Position.Transaction.Value,
            Timeline = plan.Point.Position.Timeline.ToString(),
            PointTime = plan.Point.Time,
            BackupId = plan.Point.Backup?.Name.Backup.ToString() ?? "",
            DatabaseBytes = plan.Shape.Bytes,
            IsFill = isFill,
            SqliteChecks = sqliteChecks,
            CreatedAt = Now,
            RestartWithin = restartWithin,
            Warnings = planned.Warnings,
        });
        BeginStaging(restore);
        return restore;
    }

    private void BeginStaging(RestoreRecord restore) => _staged.Begin(stop => StageAsync(restore, stop));

    private async Task StageAsync(RestoreRecord restore, CancellationToken stop)
    {
        StagedDatabase file;
        IReadOnlyList<string> warnings;
        try
        {
            (file, warnings) = await _staged.AssembleAsync(restore, stop);
        }
        catch (OperatorException e)
        {
            using (await Gate.EnterAsync(_gate, _safetyCopies, CancellationToken.None))
            {
                if (!stop.IsCancellationRequested)
                {
                    _ = _restores.Save(restore.Ended(RestoreState.Failed, e.Message, Now));
                }
            }

            throw;
        }

        using (await Gate.EnterAsync(_gate, _safetyCopies, CancellationToken.None))
        {
            if (stop.IsCancellationRequested)
            {
                file.Dispose();
                return;
            }

            _staged.Keep(file);
            _ = _restores.Save(restore with { State = RestoreState.Staged, Reason = "", StagedAt = Now, StagedPath = file.Path, StagedInode = file.Inode, Warnings = [.. restore.Warnings.Union(warnings)] });
        }
    }

    private RestoreRecord Find(string id) => _restores.Find(id) ?? throw new LifecycleException(
        LifecycleRefusal.RestoreNotFound, $"Source '{_source}' has no restore '{(id.Length <= 32 ? id : "…")}'.", "'backup-sidecar restores show' shows the last ones.");

    private RestoreRecord Granted(string id, string instance)
    {
        var restore = _restores.Newest;
        if (restore is null || restore.Id != id || !restore.IsGrantedTo(instance) || restore.State is not (RestoreState.Unconfirmed or RestoreState.Confirmed or RestoreState.RollbackPending))
        {
            throw new LifecycleException(
                LifecycleRefusal.NoSuchGrant,
                $"Instance '{instance}' of source '{_source}' has no restore '{(id.Length <= 32 ? id : "…")}' to confirm.",
                "Confirm what PrepareDatabase gave to the same instance; a restore that has been taken back cannot be confirmed.");
        }

        return restore.State != RestoreState.RollbackPending ? restore : throw new LifecycleException(
            LifecycleRefusal.ConfirmationTooLate, $"Restore {id} of source '{_source}' is taken back, because {restore.Reason}.", "End the app: the database from before the restore is put in place when it starts again.");
    }

    private async Task SweepAsync()
    {
        try
        {
            using var entered = await EnterAsync(CancellationToken.None);
            _safetyCopies.Sweep();
        }
        catch (LifecycleException)
        {
            // The end.
        }
        catch (OperatorException e)
        {
            LifecycleLog.Warning(_log, _source, $"a kept database is not removed: {e.Message}");
        }
    }

    /// <summary>What holds it may change a state; who leaves it sees to the safety copies.</summary>
    private sealed class Gate(SemaphoreSlim semaphore, SafetyCopies safetyCopies) : IDisposable
    {
        public static async Task<Gate> EnterAsync(SemaphoreSlim semaphore, SafetyCopies safetyCopies, CancellationToken ct)
        {
            await semaphore.WaitAsync(ct);
            return new Gate(semaphore, safetyCopies);
        }

        public void Dispose()
        {
            safetyCopies.Plan();
            _ = semaphore.Release();
        }
    }
}
