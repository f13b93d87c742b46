using System.Collections.Concurrent;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A serve over scripted followers, in a directory of its own, with a clock that the test drives.</summary>
internal sealed class ServeBench : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly SharedText _log = new();
    private readonly SemaphoreSlim _made = new(0);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>What a follower of each name does in each of its runs; the last one again and again.</summary>
    public Dictionary<string, Func<StopSignals, Task<FollowingEnd>>[]> Scripts { get; } = [];

    public ConcurrentQueue<ScriptedSource> Made { get; } = [];

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public DamageBoard Damage { get; } = new();

    public ServeHost Host { get; private set; } = null!;

    public Task<IReadOnlyList<string>> Running { get; private set; } = null!;

    public string Log => _log.ToString();

    public string State => Directory.CreateDirectory(_scratch.Join("state")).FullName;

    public string OperatorSocket => SocketPath.ForOperators(State);

    public string ConfigurationPath => _scratch.Join("serve.jsonc");

    public string Join(string name) => _scratch.Join(name);

    public void WriteConfiguration(string sources, string more = "") =>
        File.WriteAllText(ConfigurationPath, $$"""{ "repository": { "path": "/r" }, "sources": [{{sources}}]{{more}} }""");

    /// <param name="changed">What is written into the configuration once it was read and before serve runs.</param>
    public void Start(Func<string, CancellationToken, ValueTask<UpkeepNext>>? compact = null, string? changed = null)
    {
        var configuration = new ConfigurationSources { File = ConfigurationPath };
        var loaded = configuration.Load();
        Assert.Empty(loaded.Problems);
        var settings = new ServeSettings
        {
            Configuration = loaded,
            StateDirectory = State,
            Service = ServiceSettings.Of(State, loaded.Options.Service),
            RepositoryLocation = "/r",
            Version = "test",
            CreateFollower = Create,
            Repository = Repository,
            Remotes = Remotes,
            CreateLifecycle = (definition, database, origins) => new SourceLifecycle(
                definition.Name, definition.Path, definition.StartEmpty, new RestoreJournal(Path.Join(State, "restores"), definition.Name), new LifecycleSettings(), origins, database, NullLogger.Instance, Time),
            RepositoryDirectory = State,
            Backups = null!,
            KeepNewest = (status, labels, _) => Keep(status, labels),
            IsNewestKept = (_, _) => ValueTask.FromResult(IsNewestKept),
            Upkeep = compact ?? ((_, _) => ValueTask.FromResult(new UpkeepNext(null, DateTimeOffset.MinValue))),
            Stored = new StoredAmounts(),
            Damage = Damage,
            Reload = configuration.Load,
            ConfigurationPath = ConfigurationPath,
        };
        if (changed is not null)
        {
            WriteConfiguration(changed);
        }

        Host = new ServeHost(settings, new Random(1), new LineLogger(_log, new LogOptions(), Time), Time);
        Running = Task.Run(() => Host.RunAsync(_stop.Token));
    }

    /// <summary>The follower that is made next, or was made and not asked for yet.</summary>
    public async Task<ScriptedSource> NextAsync()
    {
        await _made.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(Made.TryDequeue(out var source));
        await source.Started.Task.WaitAsync(TestContext.Current.CancellationToken);
        return source;
    }

    /// <summary>Drives the clock until something is so.</summary>
    /// <param name="isSo">True when it is.</param>
    /// <param name="step">Of the clock, about every millisecond.</param>
    /// <param name="what">It is, for whoever waited in vain.</param>
    /// <param name="until">Where the clock stands still; null: nowhere.</param>
    public async Task UntilAsync(Func<bool> isSo, TimeSpan step, string what, DateTimeOffset? until = null)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!isSo())
        {
            if (late.IsCancellationRequested)
            {
                Assert.Fail($"waited for: {what}\n{Log}");
            }

            Time.Advance(until - Time.GetUtcNow() is { } left && left < step ? left : step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>What is verified; most tests ask for nothing of it.</summary>
    public IRepositoryReader Repository { get; set; } = null!;

    public IReadOnlyList<RemoteFeedSettings> Remotes { get; set; } = [];

    /// <summary>Whether a backup keeps what is newest.</summary>
    public bool IsNewestKept { get; set; }

    /// <summary>What becomes of a position that is to be kept.</summary>
    public Func<SourceStatus, IReadOnlyList<string>, ValueTask<BackupManifest>> Keep { get; set; } = (_, _) => throw new OperatorException(FailureKind.Failed, "nothing is kept here", "Play it.");

    public void Stop() => _stop.Cancel();

    public async Task<IReadOnlyList<string>> EndAsync()
    {
        Stop();
        return await Running.WaitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _scratch.Dispose();
        _made.Dispose();
        _log.Dispose();
        _stop.Dispose();
    }

    private ScriptedSource Create(SourceDefinition definition)
    {
        var scripts = Scripts.GetValueOrDefault(definition.Name) ?? [ScriptedSource.FollowAsync];
        var source = new ScriptedSource(definition, scripts[0]);
        Scripts[definition.Name] = scripts.Length > 1 ? scripts[1..] : scripts;
        Made.Enqueue(source);
        _made.Release();
        return source;
    }
}
