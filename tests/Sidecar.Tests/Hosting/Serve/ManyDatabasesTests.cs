using System.Globalization;
using System.Text;
using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A hundred databases in one process, with real followers: a few are written to, one is huge, one is none, one is paused; nobody waits for another.</summary>
public sealed class ManyDatabasesTests : IAsyncDisposable
{
    private const int Idle = 95;

    /// <summary>Counts as huge, of which nobody reads but what its header says there is.</summary>
    private const long HugeBytes = 9L << 30;

    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(5);

    private readonly ScratchDirectory _scratch = new();
    private readonly WriterProcess _app = WriterProcess.Start();
    private readonly FileWatch _watch = new();
    private readonly HeavyWork _heavy = new(smallTurns: 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly SharedText _log = new();
    private BackupRepository? _repository;
    private ServeHost _host = null!;
    private Task<IReadOnlyList<string>>? _running;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_active_ones_are_captured_whatever_the_others_do()
    {
        await CreateAsync();
        var huge = await _heavy.EnterAsync(long.MaxValue, Ct);
        await StartAsync();

        // A huge full goes on, and everybody else gets the first one.
        await UntilAsync(() => _host.Status.Sources.Count(source => source.Position is not null) == Idle + 2, "first fulls of all but three");
        Assert.Equal(100, _host.Status.Sources.Count);
        Assert.Null(StatusOf("huge").Position);

        // Commits are captured at once in any number of databases.
        for (var round = 0; round < 3; round++)
        {
            foreach (var name in (string[])["active-1", "active-2"])
            {
                var before = StatusOf(name).Captures;
                await _app.ExecuteAsync(name, "INSERT INTO t VALUES (randomblob(500))");
                await UntilAsync(() => StatusOf(name).Captures.Wal > before.Wal, $"a capture of {name}");
            }
        }

        // The idle ones were captured once, and nothing is done for them since.
        Assert.All(_host.Status.Sources.Where(source => source.Name.StartsWith("idle", StringComparison.Ordinal)), source => Assert.Equal((1ul, SourceState.Waiting), (source.Position, source.State)));

        await UntilAsync(() => StatusOf("garbage").Trouble is not null, "the trouble of what is no database");
        var trouble = StatusOf("garbage").Trouble!;
        Assert.Contains("garbage.db", trouble.Message, StringComparison.Ordinal);
        Assert.NotEqual("", trouble.Hint);
        Assert.Equal(SourceState.Paused, StatusOf("paused").State);
        Assert.Null(StatusOf("paused").Position);

        huge.Dispose();
        await UntilAsync(() => StatusOf("huge").Position is not null, "the first full of the huge one");
        await _app.ExitAsync();
        await _stop.CancelAsync();
        Assert.Equal(["garbage"], await _running!.WaitAsync(WaitMax, Ct));
        await AssertRestoresAsync("active-1", "active-2", "idle-007", "huge");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task?)_running ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_repository?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _app.DisposeAsync();
        _watch.Dispose();
        await _log.DisposeAsync();
        _heavy.Dispose();
        _stop.Dispose();
        _scratch.Dispose();
    }

    private string PathOf(string name) => _scratch.Join($"data/{name}.db");

    private async Task CreateAsync()
    {
        _ = Directory.CreateDirectory(_scratch.Join("data"));
        var template = _scratch.Join("template.db");
        await _app.OpenAsync("template", template);
        await _app.ExecuteAsync("template", "PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (randomblob(20000))");
        await _app.CloseAsync("template");
        foreach (var name in (string[])[.. Enumerable.Range(0, Idle).Select(number => string.Create(CultureInfo.InvariantCulture, $"idle-{number:000}")), "active-1", "active-2", "paused", "huge"])
        {
            File.Copy(template, PathOf(name));
        }

        await File.WriteAllBytesAsync(PathOf("garbage"), Encoding.ASCII.GetBytes(new string('x', 8192)), Ct);
        await using (var file = new FileStream(PathOf("huge"), FileMode.Open, FileAccess.Write))
        {
            file.SetLength(HugeBytes);
        }

        foreach (var name in (string[])["active-1", "active-2"])
        {
            await _app.OpenAsync(name, PathOf(name));
            await _app.ExecuteAsync(name, "INSERT INTO t VALUES (1)");
        }
    }

    private async Task StartAsync()
    {
        var configuration = new ConfigurationSources { File = _scratch.Join("serve.jsonc") };
        await File.WriteAllTextAsync(configuration.File, $$"""
            {
              "repository": { "path": "{{_scratch.Join("repository")}}" },
              "sources": [
                { "directory": "{{_scratch.Join("data")}}", "glob": "*.db", "exclude": ["paused.db", "garbage.db"], "interval": "0ms" },
                { "path": "{{PathOf("garbage")}}" },
                { "path": "{{PathOf("paused")}}", "enabled": false }
              ]
            }
            """, Ct);
        var loaded = configuration.Load();
        Assert.Empty(loaded.Problems);
        var state = Directory.CreateDirectory(_scratch.Join("state")).FullName;
        _repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(loaded.Options.RepositoryPath), "the test", createIfMissing: true, TimeProvider.System, Ct);
        var log = new LineLogger(_log, new LogOptions(), TimeProvider.System);
        var around = new FollowerSurroundings(_repository, state, _heavy, log, _watch, new Random(1), Workers: 1, TimeProvider.System);
        var settings = new ServeSettings
        {
            Configuration = loaded,
            StateDirectory = state,
            Service = ServiceSettings.Of(state, loaded.Options.Service),
            RepositoryLocation = _repository.Location,
            Version = "test",
            CreateFollower = definition => new SourceFollower(definition, around),
            Repository = _repository,
            CreateLifecycle = (definition, database, origins) => new SourceLifecycle(
                definition.Name, definition.Path, definition.StartEmpty, new RestoreJournal(Path.Join(state, "restores"), definition.Name), new LifecycleSettings(), origins, database, NullLogger.Instance, TimeProvider.System),
            RepositoryDirectory = loaded.Options.RepositoryPath,
            Backups = null!,
            KeepNewest = (_, _, _) => throw new InvalidOperationException("nothing is kept here"),
            IsNewestKept = (_, _) => ValueTask.FromResult(false),
            Upkeep = (_, _) => ValueTask.FromResult(new UpkeepNext(null, DateTimeOffset.MinValue)),
            Stored = new StoredAmounts(),
            Reload = null,
            ConfigurationPath = null,
        };
        _host = new ServeHost(settings, new Random(1), log, TimeProvider.System);
        _running = Task.Run(() => _host.RunAsync(_stop.Token), Ct);
    }

    private SourceStatus StatusOf(string name) => _host.Status.Sources.Single(source => source.Name == name);

    private async Task AssertRestoresAsync(params string[] names)
    {
        var reader = await BackupRepository.OpenForReadingAsync(new FileSystemStore(_scratch.Join("repository")), Ct);
        await using var outside = WriterProcess.Start();
        foreach (var name in names)
        {
            var restored = _scratch.Join($"restored-{name}.db");
            var options = new RestoreOptions { SourceName = name, OutputPath = restored, Choice = RestoreChoice.Newest, Workers = 1 };
            _ = await new RestoreRun(reader, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
            await outside.OpenAsync(name, PathOf(name));
            await outside.OpenAsync(restored, restored);
            Assert.Equal(await outside.ContentAsync(name), await outside.ContentAsync(restored));
        }
    }

    private async Task UntilAsync(Func<bool> isSo, string awaited)
    {
        using var late = new CancellationTokenSource(WaitMax, TimeProvider.System);
        while (!isSo())
        {
            if (late.IsCancellationRequested)
            {
                Assert.Fail($"waited {WaitMax.TotalSeconds} s for {awaited}\n{_log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
        }
    }
}
