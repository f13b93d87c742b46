using BackupSidecar.Compaction;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>What a fresh machine learns of a source from the repositories beside its own, also where one of them cannot be asked.</summary>
public sealed class RemoteHistoriesTests : IDisposable
{
    private readonly CompactionScene _scene = new();
    private readonly StringWriter _log = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>No history can have reached it.</summary>
    private ulong Beyond => (ulong)_scene.Time.GetUtcNow().ToUnixTimeSeconds() * 10;

    public void Dispose()
    {
        _scene.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task Where_all_are_asked_and_none_knows_the_source_it_is_new()
    {
        await _scene.CaptureAtAsync(0);

        Assert.Null(await Histories(await EmptyAsync(), Of(_scene.Store)).OfAsync("other", Ct));
        Assert.Equal("", _log.ToString());
    }

    [Fact]
    public async Task The_first_id_and_the_largest_number_count()
    {
        await _scene.CaptureAtAsync(0, 1, 2);
        using var longer = new CompactionScene();
        await longer.CaptureAtAsync(0, 1, 2, 3, 4);

        var history = await Histories(await EmptyAsync(), Of(_scene.Store), Of(longer.Store)).OfAsync("app", Ct);

        Assert.Equal(((await _scene.CatalogAsync()).Source.Id, 5UL), (history!.Id, history.Newest.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_one_cannot_be_asked_numbers_are_beyond_any_history_and_the_id_is_the_one_that_is_known(bool isFirst)
    {
        await _scene.CaptureAtAsync(0, 1, 2);
        RemoteFeedSettings away = Of(_ => throw new StoreException(FailureKind.Failed, "it is away", "bring it back"), "away");

        var history = await (isFirst ? Histories(away, Of(_scene.Store)) : Histories(Of(_scene.Store), away)).OfAsync("app", Ct);

        Assert.Equal(((await _scene.CatalogAsync()).Source.Id, Beyond), (history!.Id, history.Newest.Value));
        Assert.Contains("source 'app' is new here, and repository 'away' cannot be asked", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_none_can_be_asked_the_source_gets_an_id_and_numbers_beyond_any_history()
    {
        var histories = Histories(Of(_ => throw new StoreException(FailureKind.Failed, "it is away", "bring it back"), "away"));

        var (first, second) = (await histories.OfAsync("app", Ct), await histories.OfAsync("app", Ct));

        Assert.Equal((Beyond, Beyond), (first!.Newest.Value, second!.Newest.Value));
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_waited_for_twenty_seconds_and_no_longer()
    {
        var isAsked = new TaskCompletionSource();
        var histories = Histories(Of(
            async ct =>
            {
                isAsked.SetResult();
                return await EndlessAsync(ct);
            },
            "slow"));
        var asking = histories.OfAsync("app", Ct).AsTask();
        await isAsked.Task.WaitAsync(Ct);

        _scene.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(asking.IsCompleted);
        _scene.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(Beyond, (await asking)!.Newest.Value);
    }

    [Fact]
    public async Task Who_asks_may_give_up()
    {
        using var stop = new CancellationTokenSource();
        var histories = Histories(Of(async ct => await EndlessAsync(ct), "slow"));
        var asking = histories.OfAsync("app", stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private static async Task<IRepositoryReader> EndlessAsync(CancellationToken ct)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        throw new InvalidOperationException();
    }

    private RemoteHistories Histories(params IReadOnlyList<RemoteFeedSettings> remotes) => new(remotes, new LineLogger(_log, new LogOptions(), _scene.Time), _scene.Time);

    private async Task<RemoteFeedSettings> EmptyAsync()
    {
        var store = new MemoryStore();
        await (await _scene.OpenAsync(store)).DisposeAsync();
        return Of(store);
    }

    private static RemoteFeedSettings Of(IObjectStore store) => Of(ct => BackupRepository.OpenForReadingAsync(store, ct), "there");

    private static RemoteFeedSettings Of(Func<CancellationToken, ValueTask<IRepositoryReader>> open, string name) => new()
    {
        Name = name,
        Location = name,
        Interval = TimeSpan.FromMinutes(1),
        Open = _ => throw new InvalidOperationException("nobody writes here"),
        OpenForReading = open,
        Sync = new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } },
    };
}
