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
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class RemoteFeedTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly CompactionScene _scene = new();
    private readonly SharedText _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStore _content = new();
    private FaultyStore _remote = null!;
    private RemoteFeed? _feed;
    private Task _running = Task.CompletedTask;
    private bool _isReachable = true;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RemoteFeed Feed => _feed!;

    private RemoteStatus Status => Feed.Of("app");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await (_feed?.DisposeAsync() ?? ValueTask.CompletedTask);
        _stop.Dispose();
        _scene.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_is_captured_goes_there_at_the_interval_and_an_idle_source_asks_nothing()
    {
        await _scene.CaptureAtAsync(0, 1);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        Assert.Equal((_scene.Newest.Transaction.Value, 0.0), (Status.Position, Status.LagSeconds));

        var calls = _remote.Log.Count;
        for (var hour = 0; hour < 24; hour++)
        {
            _scene.Time.Advance(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }

        Assert.Equal(calls, _remote.Log.Count);
        await CaptureAsync();
        await UntilAsync(() => Status.Position == _scene.Newest.Transaction.Value, "the next sync");
        Assert.Null(Status.BehindSince);
    }

    [Fact]
    public async Task A_day_without_the_repository_is_told_and_made_up_for_with_one_pack()
    {
        await _scene.CaptureAtAsync(0, 1);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        var packs = Status.Packs;

        _isReachable = false;
        await CaptureAsync();
        await UntilAsync(() => Status.Trouble is { OverAt: null }, "the failure");
        for (var quarter = 0; quarter < 96; quarter++)
        {
            _scene.Time.Advance(TimeSpan.FromMinutes(15));
            await CaptureAsync();
            _ = await _scene.CompactAsync();
        }

        Assert.InRange(Status.LagSeconds ?? 0, 85_000, 90_000);
        Assert.Contains("permission denied", Status.Trouble!.Message, StringComparison.Ordinal);
        var judged = Protection.Of(new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = 1, Remotes = [Status] }, _scene.Time.GetUtcNow());
        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.StartsWith("Repository 'offsite' lacks what was captured in the last 2", Assert.Single(judged.Reasons), StringComparison.Ordinal);

        _isReachable = true;
        await UntilAsync(() => Status.Position == _scene.Newest.Transaction.Value, "what was made up for");
        Assert.Equal(1, Status.Packs - packs);
        Assert.NotNull(Status.Trouble?.OverAt);
        await UntilAsync(() => _log.ToString().Contains("has everything of source 'app' again", StringComparison.Ordinal), "the line in the log");
    }

    [Fact]
    public async Task Who_waits_is_answered_when_the_repository_is_back_and_not_before()
    {
        await _scene.CaptureAtAsync(0);
        _isReachable = false;
        await StartAsync();
        var waiting = Feed.SyncedAsync("app", Ct);
        await UntilAsync(() => Status.Trouble is not null, "the failure");
        Assert.False(waiting.IsCompleted);

        _isReachable = true;
        await UntilAsync(() => waiting.IsCompleted, "the answer");

        await waiting;
        Assert.Equal(_scene.Newest.Transaction.Value, Status.Position);
    }

    [Fact]
    public async Task At_the_end_the_last_captures_go_there_or_are_named()
    {
        await _scene.CaptureAtAsync(0);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        await _stop.CancelAsync();
        await _running;

        await CaptureAsync();
        Assert.Empty(await Feed.FinishAsync(Ct));
        Assert.Equal(_scene.Newest.Transaction.Value, Status.Position);

        await CaptureAsync();
        _isReachable = false;
        Assert.Equal(["app"], await Feed.FinishAsync(Ct));
    }

    private async Task StartAsync()
    {
        await (await _scene.OpenAsync(_content)).DisposeAsync();
        _remote = new FaultyStore(_content.Another(), fault: null);
        var settings = new RemoteFeedSettings
        {
            Name = "offsite",
            Location = "memory",
            Interval = TimeSpan.FromMinutes(1),
            Open = ct => BackupRepository.OpenForWritingAsync(new GatedStore(_remote, () => _isReachable), "a test", createIfMissing: false, _scene.Time, ct),
            OpenForReading = ct => BackupRepository.OpenForReadingAsync(_remote, ct),
            Sync = new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } },
        };
        var local = await BackupRepository.OpenForReadingAsync(_scene.Store, Ct);
        _feed = new RemoteFeed(settings, local, Statuses, new Random(1), new LineLogger(_log, new LogOptions(), _scene.Time), _scene.Time);
        _running = Task.Run(() => Feed.RunAsync(_stop.Token), Ct);
    }

    private IReadOnlyList<SourceStatus> Statuses() =>
        [new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = _scene.Newest.Transaction.Value, Timeline = _scene.Newest.Timeline.ToString() }];

    private Task<Position> CaptureAsync()
    {
        var random = new Random(_scene.History.Count);
        _scene.Change(1 + random.Next(_scene.Pages.Count), random);
        return _scene.CaptureAsync();
    }

    private async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!isSo())
        {
            Assert.False(late.IsCancellationRequested, $"waited for: {what}\n{_log}");
            _scene.Time.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        }
    }
}
