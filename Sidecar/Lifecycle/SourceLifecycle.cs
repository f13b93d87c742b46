using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Restore.Swap;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>Restores of one source in which its app takes part. Start reading the room here.</summary>
/// <remarks>
/// (1) Staging          the database is assembled and checked beside the one in use, while the app runs      <see cref="StageAsync"/>
/// (2) Staged           every watching instance is asked to end
/// (3) Placing          the next instance that asks for its database, when nobody has it open:
///                      capture once more, close our handles, swap; the old one is kept as a safety copy       <see cref="PrepareAsync"/>
/// (4) Unconfirmed      the instance works on the restored database, and has until a deadline to say so
/// (5) Confirmed        it did                                                                                  <see cref="ConfirmAsync"/>
///     RollbackPending  it did not, three instances did not, or an operator wants the old one back: every watching instance is asked to end
/// (6) RollingBack      as (3): what was committed since is captured and kept as a backup, then the safety copy is swapped in
/// (7) RolledBack
///
/// <para>Swaps happen inside <see cref="PrepareAsync"/> and nowhere else: only there it is known that an app is not yet using the database.
/// Each state is on the disk before what it announces is done. After a crash within (3) or (6) the files are asked, by inode: see <see cref="Settle"/>.</para>
///
/// <para>Everything that changes a state goes through one gate; <see cref="Look"/> waits for nobody.</para>
/// </remarks>
internal sealed class SourceLifecycle : IAsyncDisposable
{
    /// <summary>So many instances may start on a restored database before one of them confirms it.</summary>
    public const int UnconfirmedInstancesMax = 3;

    /// <summary>Instances whose answer is remembered while the sidecar runs.</summary>
    private const int AnswersMax = 1000;

    /// <summary>How long an app should take to end when its database is taken back.</summary>
    private static readonly TimeSpan RollbackWithin = TimeSpan.FromMinutes(1);

    /// <summary>How long a start of the app waits for the backup that is kept before a new version.</summary>
    private static readonly TimeSpan KeepWaitMax = TimeSpan.FromSeconds(15);

    private readonly string _source;
    private readonly string _path;
    private readonly bool _startEmpty;
    private readonly RestoreJournal _journal;
    private readonly LifecycleSettings _settings;
    private readonly IRepositoryReader _repository;
    private readonly IFollowedDatabase _database;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly InstanceRegister _instances = new(AnswersMax);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Replaced whole, under the gate; read by anybody.</summary>
    private SourceRestores _restores;

    private bool _isRead;
    private bool _isDisposed;
    private StagedDatabase? _staged;
    private Task _staging = Task.CompletedTask;
    private CancellationTokenSource? _stagingStop;
    private long _stagedBytes;
    private ITimer? _sweep;

    /// <param name="source">Its name.</param>
    /// <param name="path">Of the database; links are followed.</param>
    /// <param name="startEmpty">True: an app may start without a database if there is no backup.</param>
    /// <param name="journal">Of this source; read when this is made.</param>
    /// <param name="settings">For all sources.</param>
    /// <param name="repository">What is restored from.</param>
    /// <param name="database">Its capture.</param>
    /// <param name="log">For the states.</param>
    /// <param name="time">The clock.</param>
    public SourceLifecycle(
        string source, string path, bool startEmpty, RestoreJournal journal, LifecycleSettings settings, IRepositoryReader repository, IFollowedDatabase database, ILogger log, TimeProvider time)
    {
        _source = source;
        _path = SwapPaths.Of(path).Database;
        _startEmpty = startEmpty;
        _journal = journal;
        _settings = settings;
        _repository = repository;
        _database = database;
        _log = log;
        _time = time;
        _restores = SourceRestores.NoneOf(source);
    }

    /// <summary>The restores that are known, newest first.</summary>
    /// <exception cref="OperatorException">The journal cannot be read.</exception>
    public async ValueTask<IReadOnlyList<RestoreRecord>> ListAsync(CancellationToken ct)
    {
        if (!Volatile.Read(ref _isRead))
        {
            (await EnterAsync(ct)).Dispose();
        }

        return Known;
    }

    /// <summary>As <see cref="ListAsync"/>, of what has been read.</summary>
    public IReadOnlyList<RestoreRecord> Known => [.. Volatile.Read(ref _restores).Restores.Select(Effective)];

    /// <summary>While the newest one is being staged: bytes that are assembled.</summary>
    public long StagedBytes => Interlocked.Read(ref _stagedBytes);

    /// <summary>What the sidecar wants of an instance at this moment.</summary>
    public (RestartWish? Restart, RestoreRecord? Unconfirmed) Look(string instance)
    {
        var current = Volatile.Read(ref _restores).Current is { } restore ? Effective(restore) : null;
        return (WishOf(current), current is { State: RestoreState.Unconfirmed } && current.IsGrantedTo(instance) ? current : null);
    }

    /// <summary>The instance counts as running until this is disposed.</summary>
    public IDisposable Watching(string instance) => _instances.Watch(instance);

    /// <summary>Goes on where an earlier process ended.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        try
        {
            (await EnterAsync(ct)).Dispose();
        }
        catch (OperatorException e)
        {
            LifecycleLog.Unreadable(_log, _source, e.Message, e.Hint);
        }
    }

    /// <summary>Begins a restore; it goes on by itself.</summary>
    /// <exception cref="LifecycleException">Another one has not ended.</exception>
    /// <exception cref="OperatorException">There is no such restore point.</exception>
    public async Task<RestoreRecord> StageAsync(RestoreChoice choice, TimeSpan restartWithin, bool sqliteChecks, CancellationToken ct)
    {
        var plan = await RestorePlanner.PlanAsync(_repository, _source, choice, ct);
        using var entered = await EnterAsync(ct);
        if (_restores.Current is { } current)
        {
            throw new LifecycleException(
                LifecycleRefusal.RestoreUnderWay,
                $"Restore {current.Id} of source '{_source}' has not ended: it is {current.State}.",
                current.IsInPlace ? "Let the app confirm it, or undo it." : $"Wait for it, or cancel it: 'backup-sidecar restores cancel {current.Id}'.");
        }

        return Begin(plan, restartWithin, sqliteChecks, isFill: false);
    }

    /// <summary>Returns when the restore that is being staged is, or has failed, or is cancelled. Throws nothing but a cancellation.</summary>
    public async Task StagedOrFailedAsync(CancellationToken ct)
    {
        await Volatile.Read(ref _staging).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                $"Restore {id} of source '{_source}' is {restore.State}.",
                restore.IsInPlace ? $"Take it back: 'backup-sidecar restores undo {id}'." : "Nothing needs to be done.");
        }

        var cancelled = Save(restore.Ended(RestoreState.Cancelled, "an operator cancelled it", Now));
        _stagingStop?.Cancel();
        DiscardStaged();
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

        if (restore != _restores.Newest || restore.State is not (RestoreState.Unconfirmed or RestoreState.Confirmed) || ProblemOfRollback(restore) is not null)
        {
            var why = restore == _restores.Newest && restore.IsInPlace ? ProblemOfRollback(restore) : restore.IsInPlace ? "a newer restore came after it" : $"it is {restore.State}";
            throw new LifecycleException(
                LifecycleRefusal.RestoreNotUndoable,
                $"Restore {id} of source '{_source}' cannot be undone: {why}.",
                restore is { ReplacedPosition: { } replaced, IsInPlace: true } ? $"What was there before can be restored from position {replaced}@{restore.ReplacedTimeline}."
                    : restore.HasEnded ? "Nothing needs to be done." : $"It can be cancelled: 'backup-sidecar restores cancel {id}'.");
        }

        return Save(restore with { State = RestoreState.RollbackPending, Reason = "an operator asked for it", RollbackSince = Now, EndedAt = null });
    }

    /// <summary>Gives an instance of the app its database: see the contract.</summary>
    /// <exception cref="LifecycleException">There is no database, and no backup of it.</exception>
    /// <exception cref="OperatorException">The files do not say what happened, or what is missing cannot be restored.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first. Calling again goes on.</exception>
    public async Task<PreparedDatabase> PrepareAsync(string instance, string appVersion, CancellationToken ct)
    {
        while (true)
        {
            Task staging;
            using (await EnterAsync(ct))
            {
                if (await TryPrepareAsync(new RestoreGrant(instance, appVersion, Now), ct) is { } prepared)
                {
                    if (_instances.Remember(instance))
                    {
                        LifecycleLog.Prepared(_log, _source, instance, appVersion, prepared.Preparation);
                    }

                    return prepared;
                }

                staging = _staging;
            }

            await staging.WaitAsync(ct);
        }
    }

    /// <exception cref="LifecycleException">That instance has nothing to confirm, or it is too late.</exception>
    public async Task ConfirmAsync(string id, string instance, CancellationToken ct)
    {
        using var entered = await EnterAsync(ct);
        if (Granted(id, instance) is { State: RestoreState.Unconfirmed } restore)
        {
            _ = Save(restore.Ended(RestoreState.Confirmed, $"instance {instance} confirmed it", Now));
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
        return (until > restore.ConfirmBy ? Save(restore with { ConfirmBy = until }) : restore).ConfirmBy;
    }

    /// <summary>What is staged stays, and is found again; what is being staged is begun anew by the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _ending.CancelAsync();
        await _gate.WaitAsync();
        _stagingStop?.Cancel();
        _ = _gate.Release();
        await _staging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _staged?.Dispose();
        _staged = null;
        _sweep?.Dispose();
        _stagingStop?.Dispose();
        _ending.Dispose();
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Returns with the gate, the journal read, and the state as the files and the clock say it.</summary>
    private async Task<Gate> EnterAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        var gate = new Gate(_gate);
        try
        {
            if (_ending.IsCancellationRequested)
            {
                throw new LifecycleException(LifecycleRefusal.Ending, "The sidecar is ending.", "Call again when it has started anew.");
            }

            ReadJournal();
            Settle();
            if (_restores.Current is { } current && Effective(current) is var effective && effective != current)
            {
                _ = Save(effective);
            }

            return gate;
        }
        catch
        {
            gate.Dispose();
            throw;
        }
    }

    /// <summary>Once; again after a failure.</summary>
    private void ReadJournal()
    {
        if (_isRead)
        {
            return;
        }

        Volatile.Write(ref _restores, _journal.Read());
        Volatile.Write(ref _isRead, true);
        if (_restores.Current is { } current && current.Path != _path)
        {
            if (current.State == RestoreState.Staged)
            {
                _staged = StagedDatabase.TryReopen(current.StagedPath!, current.StagedInode);
                DiscardStaged();
            }

            _ = Save(current.Ended(RestoreState.Failed, $"the path of the source was changed to {_path}", Now));
        }

        PlanSweep();
    }

    /// <summary>After a crash: what did it do?</summary>
    private void Settle()
    {
        switch (_restores.Current)
        {
            case { State: RestoreState.Placing } placing:
                _ = SwapRecovery.FinishOrUndo(placing.Path);
                if (InodeOf(_path) == placing.StagedInode)
                {
                    _ = Save(Placed(placing, SafetyCopyOf(placing, placing.Id), []));
                    break;
                }

                _ = Save(placing with { State = RestoreState.Staged, Grants = [] });
                Settle();
                break;
            case { State: RestoreState.RollingBack } rollingBack:
                _ = SwapRecovery.FinishOrUndo(rollingBack.Path);
                _ = Save(InodeOf(_path) == rollingBack.OldInode ? RolledBack(rollingBack, SwapPaths.Of(_path).SafetyCopy(UndoIdOf(rollingBack))) : rollingBack with { State = RestoreState.RollbackPending });
                break;
            case { State: RestoreState.Staging } staging when _stagingStop is null:
                BeginStaging(staging);
                break;
            case { State: RestoreState.Staged } staged when _staged is null:
                _staged = StagedDatabase.TryReopen(staged.StagedPath!, staged.StagedInode);
                if (_staged is null)
                {
                    BeginStaging(Save(staged with { State = RestoreState.Staging, StagedPath = null, StagedInode = 0, Reason = "the staged database was gone and is assembled anew" }));
                }

                break;
            default:
                break;
        }
    }

    /// <returns>Null: what is being staged has to be waited for.</returns>
    private async Task<PreparedDatabase?> TryPrepareAsync(RestoreGrant asking, CancellationToken ct)
    {
        // An instance that has its answer may have the database open.
        if (AnsweredBefore(asking.Instance) is { } same)
        {
            return same;
        }

        var exists = InodeOf(_path) != 0;
        switch (_restores.Current)
        {
            case { State: RestoreState.Staging } when !exists:
                return null;
            case { State: RestoreState.Staged } staged:
                return await PlaceAsync(staged, asking, ct);
            case { State: RestoreState.Unconfirmed } unconfirmed when unconfirmed.Grants.Count < UnconfirmedInstancesMax:
                return RestoredFor(Save(unconfirmed with { Grants = [.. unconfirmed.Grants, asking] }));
            case { State: RestoreState.Unconfirmed } unconfirmed:
                return await TakeBackAsync(
                    Save(unconfirmed with { State = RestoreState.RollbackPending, Reason = $"{UnconfirmedInstancesMax} instances started and none confirmed it", RollbackSince = Now }), asking, ct);
            case { State: RestoreState.RollbackPending } pending:
                return await TakeBackAsync(pending, asking, ct);
            default:
                return exists ? await ExistingAsync(asking, ct) : await TryFillAsync(ct);
        }
    }

    private PreparedDatabase? AnsweredBefore(string instance)
    {
        switch (Volatile.Read(ref _restores).Newest)
        {
            case { State: RestoreState.Unconfirmed or RestoreState.Confirmed } restore when restore.IsGrantedTo(instance):
                return RestoredFor(restore);
            case { State: RestoreState.RollbackPending } restore when restore.IsGrantedTo(instance):
                return new PreparedDatabase(Preparation.Restored, restore, null, WishOf(restore), restore.Warnings);
            case { State: RestoreState.RolledBack } restore when restore.RolledBackFor == instance:
                return new PreparedDatabase(Preparation.RolledBack, restore, null, null, restore.Warnings);
            default:
                return _instances.IsRemembered(instance) && InodeOf(_path) != 0 ? Existing([]) : null;
        }
    }

    private PreparedDatabase Existing(IReadOnlyList<string> warnings) => new(Preparation.Existing, null, null, WishOf(_restores.Current), warnings);

    private static PreparedDatabase RestoredFor(RestoreRecord restore) =>
        new(Preparation.Restored, restore, restore.State == RestoreState.Unconfirmed ? restore.ConfirmBy : null, null, restore.Warnings);

    /// <summary>The database as it is; kept as a backup first if another version of the app is about to change it.</summary>
    private async Task<PreparedDatabase> ExistingAsync(RestoreGrant asking, CancellationToken ct)
    {
        var former = _restores.AppVersion;
        if (asking.AppVersion.Length == 0 || asking.AppVersion == former)
        {
            return Existing([]);
        }

        List<string> warnings = [];
        if (former.Length > 0 && await KeepBeforeAsync($"before {asking.AppVersion}", ct) is { } problem)
        {
            warnings.Add($"The database before version {asking.AppVersion} is not kept as a backup: {problem}");
            LifecycleLog.Warning(_log, _source, warnings[^1]);
        }

        SaveVersion(asking.AppVersion);
        return Existing(warnings);
    }

    /// <returns>Null: it is kept.</returns>
    private async Task<string?> KeepBeforeAsync(string label, CancellationToken ct)
    {
        using var late = new CancellationTokenSource(KeepWaitMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            if (!await _database.CaptureNowAsync(either.Token))
            {
                return "it cannot be captured now.";
            }

            await _database.KeepNewestAsync(label, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"that took longer than {DurationText.Of(KeepWaitMax)}.";
        }
        catch (OperatorException e)
        {
            return e.Message;
        }
    }

    /// <summary>There is no database: the newest restore point takes its place.</summary>
    private async Task<PreparedDatabase?> TryFillAsync(CancellationToken ct)
    {
        var names = await _repository.ListSourceNamesAsync(ct);
        var catalog = names.Contains(_source) ? await _repository.ReadCatalogAsync(await _repository.FindSourceAsync(_source, ct), ct) : null;
        if (catalog?.NewestListed is null)
        {
            return _startEmpty ? new PreparedDatabase(Preparation.Empty, null, null, null, []) : throw new LifecycleException(
                LifecycleRefusal.NoBackupExists,
                $"There is no database at {_path}, and the repository {_repository.Location} holds no backup of source '{_source}'.",
                "If this is the first start, set startEmpty for the source, or create the database; if not, check the path, the mount of the volume and the repository.");
        }

        var plan = await RestorePlanner.PlanAsync(_repository, _source, RestoreChoice.Newest, ct);
        _ = Begin(plan, TimeSpan.Zero, sqliteChecks: true, isFill: true);
        return null;
    }

    private RestoreRecord Begin(RestorePlan plan, TimeSpan restartWithin, bool sqliteChecks, bool isFill)
    {
        var restore = Save(new RestoreRecord
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
        });
        BeginStaging(restore);
        return restore;
    }

    private void BeginStaging(RestoreRecord restore)
    {
        _stagingStop?.Dispose();
        _stagingStop = new CancellationTokenSource();
        _ = Interlocked.Exchange(ref _stagedBytes, 0);
        var stop = _stagingStop.Token;
        Volatile.Write(ref _staging, Task.Run(() => StageAsync(restore, stop), CancellationToken.None));
    }

    private async Task StageAsync(RestoreRecord restore, CancellationToken stop)
    {
        StagedDatabase staged;
        IReadOnlyList<string> warnings;
        try
        {
            var choice = RestoreChoice.Newest with { Position = restore.PositionText };
            var plan = await RestorePlanner.PlanAsync(_repository, _source, choice, stop);
            var progress = new StagingProgress(bytes => Interlocked.Exchange(ref _stagedBytes, bytes));
            (staged, warnings) = await new StagingRun(_repository, restore.SqliteChecks, _settings.Workers, progress).ExecuteAsync(plan, _path, restore.Id, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            var failure = e as OperatorException ?? new OperatorException(FailureKind.Failed, $"Staging failed: {e.Message}", "Check the volume and the repository.", e);
            using (await Gate.EnterAsync(_gate))
            {
                _ = Save(restore.Ended(RestoreState.Failed, failure.Message, Now));
            }

            throw failure;
        }

        using (await Gate.EnterAsync(_gate))
        {
            if (stop.IsCancellationRequested || _restores.Current is not { State: RestoreState.Staging } current || current.Id != restore.Id)
            {
                staged.Dispose();
                return;
            }

            staged.Keep();
            _staged = staged;
            _ = Save(current with { State = RestoreState.Staged, Reason = "", StagedAt = Now, StagedPath = staged.Path, StagedInode = staged.Inode, Warnings = warnings });
        }
    }

    private async Task<PreparedDatabase> PlaceAsync(RestoreRecord staged, RestoreGrant asking, CancellationToken ct)
    {
        if (_instances.IsAnotherWatching(asking.Instance))
        {
            return Existing([]);
        }

        using var hold = await _database.HoldAsync(ct);
        if (AttachedApps.AreThereAny(_path))
        {
            return Existing([]);
        }

        var placing = Save(staged with
        {
            State = RestoreState.Placing,
            OldInode = InodeOf(_path),
            Grants = [asking],
            IsSafetyCopyCaptured = hold.IsCaptured,
            ReplacedPosition = hold.Position,
            ReplacedTimeline = hold.Timeline,
        });
        try
        {
            var swap = await SwapAsync(new SwapRequest(_path, placing.StagedPath!, placing.Id, AppIsStopped: true) { KeepsStaged = true }, ct);

            // While nobody has the database open here: closing it later would drop SQLite's locks on what is now the database.
            _staged!.Dispose();
            _staged = null;
            var placed = Save(Placed(placing, swap.SafetyCopyPath, swap.Warnings));
            if (asking.AppVersion.Length > 0)
            {
                SaveVersion(asking.AppVersion);
            }

            return RestoredFor(placed);
        }
        catch (OperatorException e) when (e.Kind == FailureKind.DatabaseInUse)
        {
            _ = SwapRecovery.FinishOrUndo(_path);
            _ = Save(staged with { Reason = e.Message });
            return Existing([]);
        }
        catch (OperatorException e)
        {
            // The database is as it was, or this throws and the app must not open it.
            _ = SwapRecovery.FinishOrUndo(_path);
            _ = Save(staged.Ended(RestoreState.Failed, e.Message, Now));
            DiscardStaged();
            if (InodeOf(_path) == 0)
            {
                throw;
            }

            return Existing([$"Restore {staged.Id} could not be put in place, the database is as it was: {e.Message}"]);
        }
        catch (OperationCanceledException)
        {
            _ = Save(staged);
            throw;
        }
    }

    private async Task<PreparedDatabase> TakeBackAsync(RestoreRecord pending, RestoreGrant asking, CancellationToken ct)
    {
        if (_instances.IsAnotherWatching(asking.Instance))
        {
            return Existing([]);
        }

        using var hold = await _database.HoldAsync(ct);
        if (AttachedApps.AreThereAny(_path))
        {
            return Existing([]);
        }

        if (ProblemOfRollback(pending) is { } problem)
        {
            var text = $"Restore {pending.Id} cannot be taken back: {problem}; the database stays as it is.";
            LifecycleLog.Warning(_log, _source, text);
            _ = Save(pending.Ended(RestoreState.Failed, problem, Now) with { Warnings = [.. pending.Warnings, text] });
            return Existing([text]);
        }

        var isCaptured = hold.IsCaptured && await TryKeepAsync($"before undoing restore {pending.Id}", ct);
        var rollingBack = Save(pending with { State = RestoreState.RollingBack, RolledBackFor = asking.Instance, IsSafetyCopyCaptured = isCaptured });
        try
        {
            var swap = await SwapAsync(new SwapRequest(_path, pending.SafetyCopy!, UndoIdOf(pending), AppIsStopped: true) { KeepsStaged = true }, ct);
            var rolledBack = Save(RolledBack(rollingBack, swap.SafetyCopyPath) with { Warnings = swap.Warnings });
            return new PreparedDatabase(Preparation.RolledBack, rolledBack, null, null, rolledBack.Warnings);
        }
        catch (OperatorException e)
        {
            _ = SwapRecovery.FinishOrUndo(_path);
            _ = Save(pending);
            if (e.Kind != FailureKind.DatabaseInUse)
            {
                throw;
            }

            return Existing([]);
        }
        catch (OperationCanceledException)
        {
            _ = Save(pending);
            throw;
        }
    }

    private async Task<SwapResult> SwapAsync(SwapRequest request, CancellationToken ct) => await new SwapRun(_time, new SwapPatience(), static _ => { }).ExecuteAsync(request, ct);

    private async Task<bool> TryKeepAsync(string label, CancellationToken ct)
    {
        try
        {
            await _database.KeepNewestAsync(label, ct);
            return true;
        }
        catch (OperatorException e)
        {
            LifecycleLog.Warning(_log, _source, $"what was committed since the restore is not kept as a backup, and stays in the file that is kept beside the database: {e.Message}");
            return false;
        }
    }

    /// <summary>In place. Without a database before it there is nothing to go back to, and nothing to confirm.</summary>
    private RestoreRecord Placed(RestoreRecord placing, string? safetyCopy, IReadOnlyList<string> warnings)
    {
        var placed = placing with { SafetyCopy = safetyCopy, PlacedAt = Now, Reason = "", Warnings = [.. placing.Warnings, .. warnings] };
        return safetyCopy is null
            ? placed.Ended(RestoreState.Confirmed, "there was no database before", Now)
            : placed with { State = RestoreState.Unconfirmed, ConfirmBy = Now + _settings.ConfirmWithin };
    }

    private RestoreRecord RolledBack(RestoreRecord rollingBack, string? safetyCopy) =>
        rollingBack.Ended(RestoreState.RolledBack, rollingBack.Reason, Now) with { SafetyCopy = safetyCopy };

    private static string UndoIdOf(RestoreRecord restore) => $"{restore.Id}-undo";

    /// <returns>Null: it can be taken back.</returns>
    private string? ProblemOfRollback(RestoreRecord restore) =>
        restore.SafetyCopy is null ? restore.OldInode == 0 ? "there was no database before it" : "the database from before it is not kept any more"
        : InodeOf(restore.SafetyCopy) != restore.OldInode ? $"'{restore.SafetyCopy}' is not the database from before it"
        : InodeOf(_path) != restore.StagedInode ? $"'{_path}' is not the restored database any more: something else has replaced it"
        : null;

    private static string? SafetyCopyOf(RestoreRecord restore, string id) =>
        SwapPaths.Of(restore.Path).SafetyCopy(id) is var path && restore.OldInode != 0 && InodeOf(path) == restore.OldInode ? path : null;

    private static ulong InodeOf(string path) => FileFacts.Of(path)?.Inode ?? 0;

    /// <summary>As time has made it.</summary>
    private RestoreRecord Effective(RestoreRecord restore) =>
        restore is { State: RestoreState.Unconfirmed, ConfirmBy: { } by } && Now >= by
            ? restore with { State = RestoreState.RollbackPending, Reason = "no instance confirmed it in time", RollbackSince = by }
            : restore;

    private static RestartWish? WishOf(RestoreRecord? restore) => restore switch
    {
        { State: RestoreState.Staged } => new RestartWish(
            IsRollback: false, restore.Id, restore.RestartBy!.Value, $"Restore {restore.Id} of position {restore.PositionText} is staged: it is put in place when every instance has ended and one starts again."),
        { State: RestoreState.RollbackPending } => new RestartWish(
            IsRollback: true, restore.Id, restore.RollbackSince!.Value + RollbackWithin, $"Restore {restore.Id} is taken back, because {restore.Reason}: the database from before it is put in place when every instance has ended and one starts again."),
        _ => null,
    };

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

    private RestoreRecord Save(RestoreRecord restore)
    {
        var before = _restores.Find(restore.Id);
        var next = _restores.With(restore);
        _journal.Write(next);
        Volatile.Write(ref _restores, next);
        if (before?.State != restore.State)
        {
            LifecycleLog.Changed(_log, _source, restore.Id, restore.PositionText, restore.State, restore.Reason);
            PlanSweep();
        }

        return restore;
    }

    private void SaveVersion(string version)
    {
        var next = _restores with { AppVersion = version };
        _journal.Write(next);
        Volatile.Write(ref _restores, next);
    }

    private void DiscardStaged()
    {
        _staged?.Discard();
        _staged?.Dispose();
        _staged = null;
    }

    /// <summary>Removes safety copies whose time is over, and comes back for the next one.</summary>
    private void PlanSweep()
    {
        _sweep?.Dispose();
        _sweep = null;
        if (_restores.Restores.Where(IsSwept).Min(restore => restore.EndedAt) is not { } first)
        {
            return;
        }

        var wait = first + _settings.KeepOld - Now;
        _sweep = _time.CreateTimer(_ => _ = SweepAsync(), null, TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, TimeSpan.TicksPerDay * 30)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The kept database holds nothing that is not stored.</summary>
    private static bool IsSwept(RestoreRecord restore) => restore is { SafetyCopy: not null, HasEnded: true, IsSafetyCopyCaptured: true, State: RestoreState.Confirmed or RestoreState.RolledBack };

    private async Task SweepAsync()
    {
        try
        {
            using var entered = await EnterAsync(CancellationToken.None);
            foreach (var restore in _restores.Restores.Where(IsSwept).Where(restore => restore.EndedAt + _settings.KeepOld <= Now).ToList())
            {
                FileNames.Remove(restore.SafetyCopy!);
                LifecycleLog.SafetyCopyRemoved(_log, _source, restore.SafetyCopy!, restore.Id);
                _ = Save(restore with { SafetyCopy = null });
            }

            PlanSweep();
        }
        catch (OperatorException e)
        {
            LifecycleLog.Warning(_log, _source, $"a kept database is not removed: {e.Message}");
        }
        catch (ObjectDisposedException)
        {
            // The end.
        }
    }

    private sealed class Gate(SemaphoreSlim semaphore) : IDisposable
    {
        public static async Task<Gate> EnterAsync(SemaphoreSlim semaphore)
        {
            await semaphore.WaitAsync();
            return new Gate(semaphore);
        }

        public void Dispose() => semaphore.Release();
    }

    private sealed class StagingProgress(Action<long> assembled) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.TotalBytes > 0)
            {
                assembled(value.DoneBytes);
            }
        }
    }
}
