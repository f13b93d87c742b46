using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class RemoteFeedTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private static readonly LeaseHolder Me = new("me", "host", "state-1", CompactionScene.Noon);

    private readonly CompactionScene _scene = new();
    private readonly SharedText _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStore _content = new();
    private FaultyStore _remote = null!;
    private RemoteFeed? _feed;
    private Task _running = Task.CompletedTask;
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LeasedStore? _leases;
    private Task _mayOpen = Task.CompletedTask;
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

    [Fact]
    public async Task Who_waits_when_the_end_comes_is_answered_by_the_last_run()
    {
        await _scene.CaptureAtAsync(0);
        var mayOpen = new TaskCompletionSource();
        _mayOpen = mayOpen.Task;
        await StartAsync();
        await _asked.Task.WaitAsync(Ct);
        var waiting = Feed.SyncedAsync("app", Ct);
        await _stop.CancelAsync();
        await _running;

        mayOpen.SetResult();
        Assert.Empty(await Feed.FinishAsync(Ct));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
        Assert.Equal(_scene.Newest.Transaction.Value, Status.Position);
    }

    [Fact]
    public async Task Who_waits_for_a_run_that_the_end_cuts_off_is_answered_by_the_last_run()
    {
        await _scene.CaptureAtAsync(0);
        var mayOpen = new TaskCompletionSource();
        _mayOpen = mayOpen.Task;
        await StartAsync(run: false);
        var waiting = Feed.SyncedAsync("app", Ct);
        _running = Task.Run(() => Feed.RunAsync(_stop.Token), Ct);
        await _asked.Task.WaitAsync(Ct);
        await _stop.CancelAsync();
        await _running;

        mayOpen.SetResult();
        Assert.Empty(await Feed.FinishAsync(Ct));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
    }

    [Fact]
    public async Task What_the_local_repository_has_lost_meanwhile_is_not_acknowledged()
    {
        await _scene.CaptureAtAsync(0, 1);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        _isReachable = false;
        var lost = await CaptureAsync();
        _ = await CaptureAsync();
        _scene.Store.Remove((await _scene.CatalogAsync()).Packs.Single(pack => pack.Name.To == lost).Name.ToString());
        _isReachable = true;
        var waiting = Feed.SyncedAsync("app", Ct);

        await UntilAsync(() => Status.Trouble is { } trouble && trouble.Message.Contains($"no pack in memory leads to position {lost}", StringComparison.Ordinal), "the failure");

        Assert.False(waiting.IsCompleted);
        Assert.NotNull(Status.BehindSince);
        _ = await _scene.CaptureAsync(Position.None, _scene.Newest.Timeline);
        await UntilAsync(() => waiting.IsCompleted, "a full that makes it good");
    }

    [Fact]
    public async Task What_was_captured_and_is_not_in_the_local_repository_at_all_is_not_acknowledged()
    {
        await _scene.CaptureAtAsync(0, 1);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        _isReachable = false;
        var lost = await CaptureAsync();
        _scene.Store.Remove((await _scene.CatalogAsync()).Packs.Single(pack => pack.Name.To == lost).Name.ToString());
        _isReachable = true;
        var waiting = Feed.SyncedAsync("app", Ct);

        await UntilAsync(() => Status.Trouble is { } trouble && trouble.Message.Contains($"does not hold position {lost.Transaction}", StringComparison.Ordinal), "the failure");

        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_take_over_by_this_same_sidecar_while_it_runs_is_gone_on_with()
    {
        using var directory = new ScratchDirectory();
        _leases = new LeasedStore(_content, new FileSystemStore(directory.FullPath));
        await _scene.CaptureAtAsync(0);
        await StartAsync();
        await UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        var id = (await BackupRepository.OpenForReadingAsync(_content, Ct)).Id;
        _ = await WriterLease.TakeAsync(_leases, _leases, id, new LeaseHolder("other", "elsewhere", "state-2", CompactionScene.Noon), takeOver: true, Ct);
        await CaptureAsync();
        await UntilAsync(() => Status.Trouble is { OverAt: null, Message: var message } && message.Contains("was taken over by 'other' on host elsewhere", StringComparison.Ordinal), "the refusal");

        _ = await WriterLease.TakeAsync(_leases, _leases, id, Me, takeOver: true, Ct);

        await UntilAsync(() => Status.Position == _scene.Newest.Transaction.Value, "the sync under the new lease");
        await _scene.AssertRebuildsAsync(await RemoteCatalogAsync(), _scene.Newest, _leases);
    }

    private async Task<SourceCatalog> RemoteCatalogAsync()
    {
        var reader = await BackupRepository.OpenForReadingAsync(_leases!, Ct);
        return await reader.ReadCatalogAsync(await reader.FindSourceAsync("app", Ct), Ct);
    }

    private async Task StartAsync(bool run = true)
    {
        await (await _scene.OpenAsync(_content)).DisposeAsync();
        _remote = new FaultyStore(_content.Another(), fault: null);
        var settings = new RemoteFeedSettings
        {
            Name = "offsite",
            Location = "memory",
            Interval = TimeSpan.FromMinutes(1),
            Open = async ct =>
            {
                _ = _asked.TrySetResult();
                await _mayOpen.WaitAsync(ct);
                var repository = await BackupRepository.OpenForWritingAsync((IObjectStore?)_leases ?? new GatedStore(_remote, () => _isReachable), "a test", createIfMissing: false, _scene.Time, ct);
                await repository.TakeLeaseAsync(Me, ct);
                return repository;
            },
            OpenForReading = ct => BackupRepository.OpenForReadingAsync(_remote, ct),
            Sync = new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } },
        };
        var local = await BackupRepository.OpenForReadingAsync(_scene.Store, Ct);
        _feed = new RemoteFeed(settings, local, Statuses, new Random(1), new LineLogger(_log, new LogOptions(), _scene.Time), _scene.Time);
        _running = run ? Task.Run(() => Feed.RunAsync(_stop.Token), Ct) : Task.CompletedTask;
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
