using BackupSidecar.Following;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Sync;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

public sealed class RemoteFeedTests : IAsyncDisposable
{
    private readonly FeedScene _scene = new();
    private readonly MemoryStore _content = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FaultyStore _remote = null!;
    private Task _mayOpen = Task.CompletedTask;
    private bool _isReachable = true;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CompactionScene App => _scene.App;

    private RemoteFeed Feed => _scene.Feed;

    private RemoteStatus Status => _scene.Status;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task What_is_captured_goes_there_at_the_interval_and_an_idle_source_asks_nothing()
    {
        await App.CaptureAtAsync(0, 1);
        await StartAsync();
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        Assert.Equal((App.Newest.Transaction.Value, 0.0), (Status.Position, Status.LagSeconds));

        var calls = _remote.Log.Count;
        for (var hour = 0; hour < 24; hour++)
        {
            App.Time.Advance(TimeSpan.FromHours(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
        }

        Assert.Equal(calls, _remote.Log.Count);
        await _scene.CaptureAsync();
        await _scene.UntilAsync(() => Status.Position == App.Newest.Transaction.Value, "the next sync");
        Assert.Null(Status.BehindSince);
    }

    [Fact]
    public async Task A_day_without_the_repository_is_told_and_made_up_for_with_one_pack()
    {
        await App.CaptureAtAsync(0, 1);
        await StartAsync();
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        var packs = Status.Packs;

        _isReachable = false;
        await _scene.CaptureAsync();
        await _scene.UntilAsync(() => Status.Trouble is { OverAt: null }, "the failure");
        for (var quarter = 0; quarter < 96; quarter++)
        {
            App.Time.Advance(TimeSpan.FromMinutes(15));
            await _scene.CaptureAsync();
            _ = await App.CompactAsync();
        }

        var (status, now) = (Status, App.Time.GetUtcNow());
        Assert.Equal((now - status.BehindSince)?.TotalSeconds, status.LagSeconds);
        Assert.InRange(status.LagSeconds ?? 0, 86_400, double.MaxValue);
        Assert.Contains("permission denied", status.Trouble!.Message, StringComparison.Ordinal);
        var judged = Protection.Of(new SourceStatus { Name = "app", Path = "/app", State = SourceState.Following, Position = 1, Remotes = [status] }, now);
        Assert.Equal(ProtectionLevel.AtRisk, judged.Level);
        Assert.StartsWith("Repository 'offsite' lacks what was captured in the last 2", Assert.Single(judged.Reasons), StringComparison.Ordinal);

        // A run that began before the last capture would put what it knows of, and the next one the rest.
        await UntilFailedAgainAsync();
        await UntilFailedAgainAsync();
        _isReachable = true;
        await _scene.UntilAsync(() => Status.Position == App.Newest.Transaction.Value, "what was made up for");
        Assert.Equal(1, Status.Packs - packs);
        Assert.NotNull(Status.Trouble?.OverAt);
        await _scene.UntilAsync(() => _scene.Log.Contains("has everything of source 'app' again", StringComparison.Ordinal), "the line in the log");
    }

    [Fact]
    public async Task Who_waits_is_answered_when_the_repository_is_back_and_not_before()
    {
        await App.CaptureAtAsync(0);
        _isReachable = false;
        await StartAsync();
        var waiting = Feed.SyncedAsync("app", Ct);
        await _scene.UntilAsync(() => Status.Trouble is not null, "the failure");
        Assert.False(waiting.IsCompleted);

        _isReachable = true;
        await _scene.UntilAsync(() => waiting.IsCompleted, "the answer");

        await waiting;
        Assert.Equal(App.Newest.Transaction.Value, Status.Position);
    }

    [Fact]
    public async Task At_the_end_the_last_captures_go_there_or_are_named()
    {
        await App.CaptureAtAsync(0);
        await StartAsync();
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        await _scene.EndAsync();

        await _scene.CaptureAsync();
        Assert.Empty(await Feed.FinishAsync(Ct));
        Assert.Equal(App.Newest.Transaction.Value, Status.Position);

        await _scene.CaptureAsync();
        _isReachable = false;
        Assert.Equal(["app"], await Feed.FinishAsync(Ct));
    }

    [Fact]
    public async Task What_the_last_run_has_no_time_for_is_named()
    {
        await App.CaptureAtAsync(0);
        _mayOpen = new TaskCompletionSource().Task;
        await StartAsync(run: false);
        using var late = new CancellationTokenSource();
        var finishing = Feed.FinishAsync(late.Token);
        await _asked.Task.WaitAsync(Ct);

        await late.CancelAsync();

        Assert.Equal(["app"], await finishing);
    }

    [Fact]
    public async Task Who_waits_when_the_end_comes_is_answered_by_the_last_run()
    {
        await App.CaptureAtAsync(0);
        var mayOpen = new TaskCompletionSource();
        _mayOpen = mayOpen.Task;
        await StartAsync();
        await _asked.Task.WaitAsync(Ct);
        var waiting = Feed.SyncedAsync("app", Ct);
        await _scene.EndAsync();

        mayOpen.SetResult();
        Assert.Empty(await Feed.FinishAsync(Ct));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
        Assert.Equal(App.Newest.Transaction.Value, Status.Position);
    }

    [Fact]
    public async Task Who_waits_for_a_run_that_the_end_cuts_off_is_answered_by_the_last_run()
    {
        await App.CaptureAtAsync(0);
        var mayOpen = new TaskCompletionSource();
        _mayOpen = mayOpen.Task;
        await StartAsync(run: false);
        var waiting = Feed.SyncedAsync("app", Ct);
        _scene.Run();
        await _asked.Task.WaitAsync(Ct);
        await _scene.EndAsync();

        mayOpen.SetResult();
        Assert.Empty(await Feed.FinishAsync(Ct));

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Ct);
    }

    [Fact]
    public async Task What_the_local_repository_has_lost_meanwhile_is_not_acknowledged()
    {
        await App.CaptureAtAsync(0, 1);
        await StartAsync();
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        _isReachable = false;
        var lost = await _scene.CaptureAsync();
        _ = await _scene.CaptureAsync();
        App.Store.Remove((await App.CatalogAsync()).Packs.Single(pack => pack.Name.To == lost).Name.ToString());
        _isReachable = true;
        var waiting = Feed.SyncedAsync("app", Ct);

        await _scene.UntilAsync(() => Status.Trouble is { } trouble && trouble.Message.Contains($"no pack in memory leads to position {lost}", StringComparison.Ordinal), "the failure");

        Assert.False(waiting.IsCompleted);
        Assert.NotNull(Status.BehindSince);
        _ = await App.CaptureAsync(Position.None, App.Newest.Timeline);
        await _scene.UntilAsync(() => waiting.IsCompleted, "a full that makes it good");
    }

    [Fact]
    public async Task What_was_captured_and_is_not_in_the_local_repository_at_all_is_not_acknowledged()
    {
        await App.CaptureAtAsync(0, 1);
        await StartAsync();
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        _isReachable = false;
        var lost = await _scene.CaptureAsync();
        App.Store.Remove((await App.CatalogAsync()).Packs.Single(pack => pack.Name.To == lost).Name.ToString());
        _isReachable = true;
        var waiting = Feed.SyncedAsync("app", Ct);

        await _scene.UntilAsync(() => Status.Trouble is { } trouble && trouble.Message.Contains($"does not hold position {lost.Transaction}", StringComparison.Ordinal), "the failure");

        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task What_is_captured_while_a_run_goes_on_is_missing_since_then_and_not_since_the_next_look()
    {
        using var directory = new ScratchDirectory();
        var store = new LeasedStore(_content, new FileSystemStore(directory.FullPath));
        await App.CaptureAtAsync(0);
        var first = App.Newest.Transaction.Value;
        store.Putting = () => App.History.Count == 1 ? _scene.CaptureAsync() : Task.CompletedTask;
        await _scene.MakeAsync(_content);
        await _scene.StartAsync(store, settings => settings with { Interval = TimeSpan.FromHours(1) });

        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");

        Assert.Equal(first, Status.Position);
        Assert.True(Status.BehindSince <= Status.LastSyncAt, $"behind since {Status.BehindSince}, synced at {Status.LastSyncAt}");
        await _scene.UntilAsync(() => Status.Position == first + 1, "the next sync");
        Assert.Null(Status.BehindSince);
    }

    /// <summary>As where a share is mounted anew under another device number: what has the name is not what the lock was taken of.</summary>
    [Fact]
    public async Task A_repository_that_was_mounted_anew_is_opened_anew_by_itself_and_nothing_is_made_where_it_is_away()
    {
        using var directory = new ScratchDirectory();
        var (mounted, away) = (directory.Join("nas"), directory.Join("away"));
        var store = new FileSystemStore(mounted);
        await App.CaptureAtAsync(0);
        await _scene.MakeAsync(store);
        await _scene.StartAsync(store);
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");

        Directory.Move(mounted, away);
        _ = Directory.CreateDirectory(mounted);
        await _scene.CaptureAsync();
        await _scene.UntilAsync(() => Status.Trouble is { OverAt: null, Message: var message } && message.Contains("There is no repository", StringComparison.Ordinal), "the failure");
        Assert.Empty(Directory.GetFileSystemEntries(mounted));

        // Files of their own, as of another device.
        foreach (var file in Directory.GetFiles(away, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            var path = Path.Join(mounted, Path.GetRelativePath(away, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }

        await _scene.UntilAsync(() => Status.Position == App.Newest.Transaction.Value, "the sync into what is mounted now");
        await SyncScene.AssertThereAsync(App, new FileSystemStore(mounted), [App.Newest]);
    }

    [Fact]
    public async Task A_take_over_by_this_same_sidecar_while_it_runs_is_gone_on_with()
    {
        using var directory = new ScratchDirectory();
        var store = new LeasedStore(_content, new FileSystemStore(directory.FullPath));
        await App.CaptureAtAsync(0);
        await _scene.MakeAsync(_content);
        await _scene.StartAsync(store);
        await _scene.UntilAsync(() => Status.LastSyncAt is not null, "the first sync");
        var id = (await BackupRepository.OpenForReadingAsync(_content, Ct)).Id;
        _ = await WriterLease.TakeAsync(store, store, id, new LeaseHolder("other", "elsewhere", "state-2", CompactionScene.Noon), takeOver: true, Ct);
        await _scene.CaptureAsync();
        await _scene.UntilAsync(() => Status.Trouble is { OverAt: null, Message: var message } && message.Contains("was taken over by 'other' on host elsewhere", StringComparison.Ordinal), "the refusal");

        _ = await WriterLease.TakeAsync(store, store, id, FeedScene.Me, takeOver: true, Ct);

        await _scene.UntilAsync(() => Status.Position == App.Newest.Transaction.Value, "the sync under the new lease");
        await SyncScene.AssertThereAsync(App, store, [App.Newest]);
    }

    private async Task UntilFailedAgainAsync()
    {
        var last = Status.Trouble!.At;
        await _scene.UntilAsync(() => Status.Trouble!.At > last, "another failure");
    }

    /// <summary>A feed of a repository that can be reached or not.</summary>
    private async Task StartAsync(bool run = true)
    {
        await _scene.MakeAsync(_content);
        _remote = new FaultyStore(_content.Another(), fault: null);
        var gated = new GatedStore(_remote, () => _isReachable);
        await _scene.StartAsync(
            gated,
            settings => settings with
            {
                Open = async ct =>
                {
                    _ = _asked.TrySetResult();
                    await _mayOpen.WaitAsync(ct);
                    return await _scene.OpenAsync(gated, ct);
                },
            },
            run);
    }
}
