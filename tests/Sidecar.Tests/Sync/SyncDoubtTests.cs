using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;
using static BackupSidecar.Tests.Sync.SyncScene;

namespace BackupSidecar.Tests.Sync;

/// <summary>What is not acknowledged: a remote that is not what it was, another history, and what another writer may have taken over.</summary>
public sealed class SyncDoubtTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_remote_that_somebody_has_emptied_is_found_out_and_filled_again()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1);
        await using var there = await scene.OpenAsync(remote);
        var run = await RunAsync(scene, there);
        await run.ExecuteAsync("app", Ct);
        foreach (var pack in remote.Names.Where(name => name.StartsWith("packs/", StringComparison.Ordinal)).ToList())
        {
            remote.Remove(pack);
        }

        await scene.CaptureAtAsync(2 * 3600);
        var result = await run.ExecuteAsync("app", Ct);

        Assert.Equal(scene.Newest, result.Position);
        await AssertThereAsync(scene, remote, [scene.Newest]);
    }

    [Fact]
    public async Task A_remote_that_is_no_repository_any_more_is_not_acknowledged_for()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1);
        await using var there = await scene.OpenAsync(remote);
        var run = await RunAsync(scene, there);
        await run.ExecuteAsync("app", Ct);
        remote.Remove("repository.json");

        await scene.CaptureAtAsync(2 * 3600);
        for (var again = 0; again < 2; again++)
        {
            var e = await Assert.ThrowsAsync<OperatorException>(async () => await run.ExecuteAsync("app", Ct));
            Assert.Contains("'repository.json' is missing", e.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>As where the snapshot of a machine or volume is put back: the same timeline goes on with numbers that stand for other contents in the remote.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public async Task A_local_repository_that_was_set_back_and_went_on_is_another_history_also_where_its_numbers_have_caught_up(int further)
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1);
        var earlier = scene.Store.Copy();
        await scene.CaptureAtAsync(2);
        await SyncAsync(scene, remote);
        var promised = (scene.Newest, scene.ImageOf(scene.Newest));

        scene.Store = earlier;
        scene.History.RemoveAt(2);
        await scene.CaptureAtAsync(Enumerable.Range(10, further + 1).Select(second => (double)second));

        var e = await Assert.ThrowsAsync<OperatorException>(() => SyncAsync(scene, remote));
        Assert.Contains("two histories of one name", e.Message, StringComparison.Ordinal);
        Assert.Equal(promised.Newest, (await CatalogOfAsync(remote)).Newest);
    }

    [Fact]
    public async Task What_was_put_and_not_confirmed_is_not_acknowledged_by_the_next_run_either()
    {
        using var scene = new CompactionScene();
        using var directory = new ScratchDirectory();
        var store = new LeasedStore(new MemoryStore(), new FileSystemStore(directory.FullPath));
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(store);
        await there.TakeLeaseAsync(new LeaseHolder("a", "host", "1", scene.Time.GetUtcNow()), Ct);
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = scene.Options, Compaction = scene.Options }, scene.Time);
        await run.ExecuteAsync("app", Ct);
        await scene.CaptureAtAsync(1);
        _ = await WriterLease.TakeAsync(store, store, there.Id, new LeaseHolder("b", "host", "2", scene.Time.GetUtcNow()), takeOver: true, Ct);

        for (var again = 0; again < 3; again++)
        {
            _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await run.ExecuteAsync("app", Ct));
        }
    }

    [Fact]
    public async Task Two_histories_of_one_name_are_refused_and_nothing_is_put()
    {
        using var first = new CompactionScene();
        using var second = new CompactionScene();
        var remote = new MemoryStore();
        await first.CaptureAtAsync(0, 1, 2);
        await SyncAsync(first, remote);
        var before = remote.Names.ToList();
        second.Resize(20, new Random(8));
        await second.CaptureAsync(Position.None, new TimelineId(77));

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => SyncAsync(second, remote));

        Assert.Contains($"holds position {first.Newest} of source 'app', and the newest one here is {second.Newest}: two histories of one name.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Give this database another name", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(before, remote.Names);
        await AssertThereAsync(first, remote, [first.Newest]);
    }

    [Fact]
    public async Task A_position_of_the_same_number_from_another_timeline_is_another_history()
    {
        using var first = new CompactionScene();
        using var second = new CompactionScene();
        var remote = new MemoryStore();
        await first.CaptureAtAsync(0);
        await SyncAsync(first, remote);
        second.Resize(20, new Random(8));
        await second.CaptureAsync(Position.None, new TimelineId(77));

        _ = await Assert.ThrowsAsync<OperatorException>(() => SyncAsync(second, remote));
    }
}
