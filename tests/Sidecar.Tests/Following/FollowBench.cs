using System.Globalization;
using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>An application in a process of its own, and a follower of its database in this one, with a repository in a directory.</summary>
internal sealed class FollowBench(FileWatch? watch = null) : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly ScratchDirectory _elsewhere = new();
    private readonly SharedText _log = new();
    private readonly FileWatch _watch = watch ?? new FileWatch();
    private readonly HeavyWork _heavy = new(1);
    private BackupRepository? _repository;
    private CancellationTokenSource? _end;
    private CancellationTokenSource? _now;
    private Task<FollowingEnd>? _run;
    private int _restores;

    public SourceBench Bench { get; } = new();

    public DamageBoard Damage { get; } = new();

    public TimeSpan RollbackJournalInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    public SourceFollower Follower { get; private set; } = null!;

    public string Log => _log.ToString();

    public SourceDefinition Definition { get; private set; } = null!;

    public CaptureCounts Counts => Follower.Status.Captures;

    public string State => _elsewhere.Join("state");

    public string RepositoryPath => _elsewhere.Join("repository");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The follower's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What of the definition a test wants otherwise.</summary>
    public Func<SourceDefinition, SourceDefinition> Define { get; init; } = static definition => definition;

    public async Task StartAsync(TimeSpan? interval = null)
    {
        _repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(RepositoryPath), "the test", createIfMissing: true, TimeProvider.System, Ct);
        var definition = SampleDefinition.Of("app", Bench.Path) with { Interval = interval ?? TimeSpan.Zero, RollbackJournalInterval = RollbackJournalInterval };
        var around = new FollowerSurroundings(_repository, State, _heavy, new LineLogger(_log, new LogOptions(), TimeProvider.System), _watch, new Random(1), Workers: 1, Time)
        {
            Damage = Damage,
            ScrubPace = new ScrubPace(TimeProvider.System) { ShareMax = 0.5 },
        };
        Definition = Define(definition);
        Follower = new SourceFollower(Definition, around);
        (_end, _now) = (new CancellationTokenSource(), new CancellationTokenSource());
        _run = Follower.RunAsync(new StopSignals(_end.Token, _now.Token, CancellationToken.None));
    }

    /// <summary>Everything that was committed before the call is stored afterwards.</summary>
    public async Task CatchUpAsync() => await await Task.WhenAny(Follower.CaptureNowAsync(Ct), FailedAsync());

    public async Task PositionStoredAsync(int count) =>
        await EventuallyAsync(async () => (await PositionsAsync()).Count >= count, $"{count} positions");

    public async Task DetachedAsync() =>
        await EventuallyAsync(() => Task.FromResult(Follower.Status.State == SourceState.Waiting), "the follower to let go of the database");

    /// <summary>SQLite's own check of the newest restore point.</summary>
    public async Task<string?> IntegrityAsync()
    {
        var path = await RestoreAsync();
        await Bench.Outside.OpenAsync(path, path);
        var result = await Bench.Outside.ScalarAsync(path, "PRAGMA integrity_check");
        await Bench.Outside.CloseAsync(path);
        return result;
    }

    /// <summary>Asked to come to its end as soon as nobody has the database open.</summary>
    public async Task<FollowingEnd> StopWhenNobodyIsAttachedAsync()
    {
        await _end!.CancelAsync();
        return await EndAsync();
    }

    /// <summary>The final capture and the end of the follower, whoever has the database open.</summary>
    public async Task<FollowingEnd> StopAsync()
    {
        await _end!.CancelAsync();
        await _now!.CancelAsync();
        return await EndAsync();
    }

    /// <summary>It ends by itself. What it failed with; null if it did not.</summary>
    public async Task<Exception?> FailureAsync()
    {
        var failure = await Record.ExceptionAsync(() => _run!);
        await _repository!.DisposeAsync();
        (_repository, _run) = (null, null);
        return failure;
    }

    public async Task<IReadOnlyList<Position>> PositionsAsync()
    {
        var reader = await BackupRepository.OpenForReadingAsync(new FileSystemStore(RepositoryPath), Ct);
        var catalog = await reader.ReadCatalogAsync(await reader.FindSourceAsync(null, Ct), Ct);
        return [.. catalog.RestorePoints().Select(point => point.Position).Distinct()];
    }

    public async Task<string> RestoreAsync(Position? position = null)
    {
        var path = _elsewhere.Join(string.Create(CultureInfo.InvariantCulture, $"restored-{++_restores}.db"));
        var reader = await BackupRepository.OpenForReadingAsync(new FileSystemStore(RepositoryPath), Ct);
        var choice = position is { } wanted ? RestoreChoice.Newest with { Position = $"{wanted.Transaction}@{wanted.Timeline}" } : RestoreChoice.Newest;
        await new RestoreRun(reader, new RestoreOptions { OutputPath = path, Choice = choice, Workers = 1 }, TimeProvider.System, progress: null).ExecuteAsync(Ct);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is not null)
        {
            await _end!.CancelAsync();
            await _now!.CancelAsync();
            await ((Task)_run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await (_repository?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Bench.DisposeAsync();
        _watch.Dispose();
        await _log.DisposeAsync();
        _heavy.Dispose();
        _end?.Dispose();
        _now?.Dispose();
        _elsewhere.Dispose();
    }

    private async Task<FollowingEnd> EndAsync()
    {
        var end = await _run!;
        await _repository!.DisposeAsync();
        (_repository, _run) = (null, null);
        return end;
    }

    /// <param name="isSo">True when it has come.</param>
    /// <param name="awaited">What it is, for whoever waited in vain.</param>
    /// <param name="wake">What makes it come sooner.</param>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, string awaited, Func<Task>? wake = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            await (wake?.Invoke() ?? Task.CompletedTask);
            if (TimeProvider.System.GetElapsedTime(started) > WaitMax)
            {
                throw new TimeoutException($"Waited {WaitMax.TotalSeconds} s for {awaited}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        }
    }

    /// <summary>The follower ended before it was told to: its failure is the test's.</summary>
    private async Task FailedAsync()
    {
        await _run!;
        throw new InvalidOperationException("The follower ended by itself.");
    }
}
