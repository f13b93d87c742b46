using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A source, its local repository, and a feed that brings it to another one, with a clock that the test drives.</summary>
internal sealed class FeedScene : IAsyncDisposable
{
    public const string FeedName = "offsite";

    /// <summary>Who feeds, unless a test says otherwise.</summary>
    public static readonly LeaseHolder Me = new("me", "host", "state-1", CompactionScene.Noon);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private readonly SharedText _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<CompactionScene> _sources = [];
    private RemoteFeed? _feed;
    private Task _running = Task.CompletedTask;

    /// <summary>The source 'app'.</summary>
    public CompactionScene App { get; } = new() { Options = new CompactionOptions { CreateSpool = () => new MemoryStream() } };

    public RemoteFeed Feed => _feed!;

    public RemoteStatus Status => Feed.Of("app");

    public string Log => _log.ToString();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public FeedScene() => _sources.Add(App);

    /// <summary>One more source in the same local repository, before the feed begins.</summary>
    public CompactionScene AddSource(string name)
    {
        var source = new CompactionScene { Store = App.Store, SourceName = name };
        _sources.Add(source);
        return source;
    }

    /// <summary>Makes a repository of an empty place, as 'repository add' does.</summary>
    public async Task MakeAsync(IObjectStore remote) => await (await App.OpenAsync(remote)).DisposeAsync();

    /// <param name="remote">Where the repository lies that is fed.</param>
    /// <param name="change">Other settings.</param>
    /// <param name="run">False: it does nothing by itself yet.</param>
    public async Task StartAsync(IObjectStore remote, Func<RemoteFeedSettings, RemoteFeedSettings>? change = null, bool run = true)
    {
        var settings = new RemoteFeedSettings
        {
            Name = FeedName,
            Location = remote.Location,
            Interval = TimeSpan.FromMinutes(1),
            Open = ct => OpenAsync(remote, ct),
            OpenForReading = ct => BackupRepository.OpenForReadingAsync(remote, ct),
            Sync = new SyncOptions { Merge = App.Options },
        };
        var local = await BackupRepository.OpenForReadingAsync(App.Store, Ct);
        _feed = new RemoteFeed(change is null ? settings : change(settings), local, Statuses, new Random(1), new LineLogger(_log, new LogOptions(), App.Time), App.Time);
        if (run)
        {
            Run();
        }
    }

    /// <summary>As serve opens it: never makes one, and takes the lease.</summary>
    public async ValueTask<BackupRepository> OpenAsync(IObjectStore remote, CancellationToken ct)
    {
        var repository = await BackupRepository.OpenForWritingAsync(remote, "a test", createIfMissing: false, App.Time, ct);
        await repository.TakeLeaseAsync(Me, ct);
        return repository;
    }

    public void Run() => _running = Task.Run(() => Feed.RunAsync(_stop.Token), Ct);

    /// <summary>What runs ends, as when serve is asked to.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>One page changes and is captured.</summary>
    public Task<Position> CaptureAsync() => CaptureAsync(App);

    public static Task<Position> CaptureAsync(CompactionScene source)
    {
        var random = new Random(source.History.Count);
        source.Change(1 + random.Next(source.Pages.Count), random);
        return source.CaptureAsync();
    }

    /// <summary>Drives the clock until something is so.</summary>
    public async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var late = new CancellationTokenSource(WaitMax, TimeProvider.System);
        while (!isSo())
        {
            Assert.False(_running.IsFaulted, $"the feed has ended: {_running.Exception}");
            Assert.False(late.IsCancellationRequested, $"waited for: {what}\n{Log}");
            App.Time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_feed?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stop.Dispose();
        _sources.ForEach(source => source.Dispose());
        _log.Dispose();
    }

    private IReadOnlyList<SourceStatus> Statuses() => [.. _sources.Select(source => new SourceStatus
    {
        Name = source.SourceName,
        Path = $"/{source.SourceName}",
        State = SourceState.Following,
        Position = source.Newest.Transaction.Value,
        Timeline = source.Newest.Timeline.ToString(),
    })];
}
