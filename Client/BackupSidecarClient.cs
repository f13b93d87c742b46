using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using Wire = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Client;

/// <summary>One instance of an app, from its start to its end, as its sidecar sees it.</summary>
internal sealed class BackupSidecarClient : IBackupSidecar, IDisposable
{
    /// <summary>How long a call waits that needs nothing but the sidecar's attention.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    /// <summary>How long the start of an app waits until it counts as running. It answered a moment ago, so this is about never reached.</summary>
    private static readonly TimeSpan FirstViewMax = TimeSpan.FromSeconds(5);

    private readonly BackupSidecarOptions _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SidecarCalls _calls;
    private readonly DatabasePreparer _preparer;
    private readonly SemaphoreSlim _preparing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private PreparedDatabase? _prepared;

    public BackupSidecarClient(BackupSidecarOptions options, ILogger log, TimeProvider time, Random random)
    {
        _options = options;
        _log = log;
        _time = time;
        _calls = new SidecarCalls(SidecarAddress.TryParse(options.Address, out var path) ? path : throw new ArgumentException($"'{options.Address}' is no address.", nameof(options)));
        _preparer = new DatabasePreparer(_calls, options, Instance, log, time, random);
        Watch = new SidecarWatch(_calls, new Wire.WatchRequest { Source = options.Source, InstanceId = Instance }, log, time, random);
    }

    /// <summary>New and random at each start.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    public SidecarWatch Watch { get; }

    /// <summary>Runs from PrepareDatabaseAsync until the end.</summary>
    public Task Watching { get; private set; } = Task.CompletedTask;

    /// <summary>Null: PrepareDatabaseAsync was not called, or has failed.</summary>
    public PreparedDatabase? Prepared => Volatile.Read(ref _prepared);

    /// <summary>The restore that could not be put in place when this instance started; empty: there was none.</summary>
    public string RestartForAtStart { get; private set; } = "";

    /// <summary>Once it has succeeded, every call gives the same.</summary>
    /// <exception cref="BackupSidecarException">The database may not be opened.</exception>
    public async Task<PreparedDatabase> PrepareDatabaseAsync(CancellationToken ct)
    {
        await _preparing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (Prepared is { } before)
            {
                return before;
            }

            var prepared = DesignTime.IsNow ? new PreparedDatabase(DatabasePreparation.Skipped, "", null, IsRestartWanted: false, []) : await AskAsync(ct).ConfigureAwait(false);
            ClientLog.Prepared(_log, prepared.Preparation, prepared.RestoreId);
            Volatile.Write(ref _prepared, prepared);
            return prepared;
        }
        finally
        {
            _ = _preparing.Release();
        }
    }

    public async Task EnsureDurableAsync(CancellationToken ct = default) =>
        _ = await _calls.EnsureDurableAsync(new Wire.EnsureDurableRequest { Source = _options.Source, Level = Wire.DurabilityLevel.Local }, _options.EnsureDurableTimeout, ct).ConfigureAwait(false);

    public async Task<DateTimeOffset?> ExtendConfirmationAsync(TimeSpan extension, CancellationToken ct = default) => Prepared is { ConfirmBy: not null } prepared ? await ExtendAsync(prepared, extension, ct).ConfigureAwait(false) : null;

    public async Task ConfirmHealthyAsync(CancellationToken ct = default)
    {
        if (Prepared is { ConfirmBy: not null } prepared)
        {
            _ = await _calls.ConfirmHealthyAsync(new Wire.ConfirmHealthyRequest { Source = _options.Source, InstanceId = Instance, RestoreId = prepared.RestoreId }, AnswerMax, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The stream ends with this: until then the instance may have its database open.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _calls.Dispose();
    }

    private async Task<PreparedDatabase> AskAsync(CancellationToken ct)
    {
        (var prepared, RestartForAtStart) = await _preparer.PrepareAsync(ct).ConfigureAwait(false);

        // Before the app opens its database, so that no other instance is given a restore meanwhile.
        Watching = Watch.RunAsync(_end.Token);
        if (prepared.Preparation != DatabasePreparation.WithoutSidecar)
        {
            await AwaitViewAsync(ct).ConfigureAwait(false);
        }

        return prepared.ConfirmBy is not null && _options.ExtendConfirmationBy > TimeSpan.Zero ? await ExtendAtStartAsync(prepared, ct).ConfigureAwait(false) : prepared;
    }

    private async Task AwaitViewAsync(CancellationToken ct)
    {
        using var late = new CancellationTokenSource(FirstViewMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            _ = await Watch.FirstAsync(view => view != SidecarView.Unknown, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            ClientLog.Lost(_log, $"It prepared the database, and has not answered to Watch for {FirstViewMax.TotalSeconds:0} s.");
        }
    }

    /// <summary>An app that gets no more time may still be in time.</summary>
    private async Task<PreparedDatabase> ExtendAtStartAsync(PreparedDatabase prepared, CancellationToken ct)
    {
        try
        {
            return prepared with { ConfirmBy = await ExtendAsync(prepared, _options.ExtendConfirmationBy, ct).ConfigureAwait(false) };
        }
        catch (BackupSidecarException e)
        {
            ClientLog.Warning(_log, $"The time for the confirmation of restore {prepared.RestoreId} is not extended: {e.Message}");
            return prepared;
        }
    }

    private async Task<DateTimeOffset?> ExtendAsync(PreparedDatabase prepared, TimeSpan extension, CancellationToken ct)
    {
        var request = new Wire.ExtendConfirmationRequest { Source = _options.Source, InstanceId = Instance, RestoreId = prepared.RestoreId, Extension = Duration.FromTimeSpan(extension) };
        return (await _calls.ExtendConfirmationAsync(request, AnswerMax, ct).ConfigureAwait(false)).ConfirmDeadline?.ToDateTimeOffset();
    }
}
