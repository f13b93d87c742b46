using BackupSidecar.Compaction;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Repository;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;
using static BackupSidecar.Tests.Sync.SyncScene;

namespace BackupSidecar.Tests.Sync;

/// <summary>What is stored in a remote repository is compacted there, and ends there.</summary>
public sealed class SyncTidyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_merge_there_for_which_the_local_disk_has_no_room_is_put_off_and_made_when_it_has()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(remote);
        var free = SyncSpool.ReserveBytes + (1L << 20);
        var options = new SyncOptions { Merge = scene.Options, Compaction = scene.Options, Spool = new SyncSpool("/state", () => free) };
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, options, scene.Time);
        for (var second = 10; second < 300; second += 10)
        {
            await scene.CaptureAtAsync(second);
            _ = await run.ExecuteAsync("app", Ct);
        }

        free = SyncSpool.ReserveBytes;
        var none = await run.TidyAsync(Ct);
        Assert.Equal(0, none.Compaction!.Merges);
        Assert.Contains("have no room on the local disk until they are sent", Assert.Single(none.Compaction.Doubts.Select(doubt => doubt.Message).Distinct().Take(1)), StringComparison.Ordinal);

        free += 1L << 20;
        scene.Time.Advance(TimeSpan.FromHours(1));
        var done = await run.TidyAsync(Ct);
        Assert.InRange(done.Compaction!.Merges, 1, 100);
        Assert.Empty(done.Compaction.Doubts);
        await AssertThereAsync(scene, remote, [scene.Newest]);
    }

    /// <summary>A read there costs requests: what is merged is read here as long as it is here, and there where it is not.</summary>
    [Fact]
    public async Task What_is_merged_there_is_read_from_the_local_repository_as_long_as_that_has_it()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(remote);
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = scene.Options, Compaction = scene.Options }, scene.Time);

        var atHand = await MergeThereAsync(second: 0, isLost: false);
        var lost = await MergeThereAsync(second: 3600, isLost: true);

        Assert.Equal(0, atHand.FarMerges);
        Assert.InRange(lost.FarMerges, 1, lost.Merges);
        await AssertThereAsync(scene, remote, [scene.Newest]);

        async Task<CompactionResult> MergeThereAsync(int second, bool isLost)
        {
            for (var end = second + 300; (second += 10) < end;)
            {
                await scene.CaptureAtAsync(second);
                _ = await run.ExecuteAsync("app", Ct);
            }

            foreach (var pack in scene.Store.Names.Where(name => isLost && name.StartsWith("packs/", StringComparison.Ordinal)).ToList())
            {
                scene.Store.Remove(pack);
            }

            scene.Time.Advance(TimeSpan.FromMinutes(1));
            var done = (await run.TidyAsync(Ct)).Compaction!;
            Assert.InRange(done.Merges, 1, 100);
            return done;
        }
    }

    /// <summary>As on a busy machine: a quarter of an hour of captures is there that nobody had time to merge.</summary>
    [Fact]
    public async Task What_is_merged_there_is_read_from_the_local_repository_also_where_that_is_late_with_its_own_merges()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(remote);
        var compaction = SourceUpkeep.OptionsOfRemote(new CompactionSettings(), openFilesMax: 4096, () => new MemoryStream());
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = scene.Options, Compaction = compaction }, scene.Time);
        var (merges, far) = (0, 0);
        for (var minute = 1; minute <= 16; minute++)
        {
            await scene.CaptureAtAsync(Enumerable.Range(0, 30).Select(part => (minute * 60.0) + (part * 2)));
            _ = await run.ExecuteAsync("app", Ct);
            var done = (await run.TidyAsync(Ct)).Compaction;
            (merges, far) = (merges + (done?.Merges ?? 0), far + (done?.FarMerges ?? 0));
        }

        Assert.Equal((1, 0), (merges, far));
    }

    [Fact]
    public async Task What_is_stored_there_is_compacted_without_a_listing_and_deleted_backups_end_there_too()
    {
        using var scene = new CompactionScene();
        var remote = new FaultyStore(new MemoryStore(), fault: null);
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(remote);
        var options = new SyncOptions { Merge = scene.Options, Compaction = scene.Options, DeleteGrace = TimeSpan.FromHours(1), LookAgainAfter = TimeSpan.FromDays(1) };
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, options, scene.Time);
        for (var minute = 0; minute < 90; minute++)
        {
            await scene.CaptureAtAsync((minute + 1) * 60);
            await run.ExecuteAsync("app", Ct);
            if (minute is 20 or 30)
            {
                await scene.NameAsync();
                await run.ExecuteAsync("app", Ct);
            }

            await run.TidyAsync(Ct);
        }

        Assert.Equal(1, remote.Log.Count(call => call.StartsWith("list packs/", StringComparison.Ordinal) && call != "list packs/"));
        var catalog = await CatalogOfAsync(remote);
        Assert.Contains(remote.Log, call => call.StartsWith("delete", StringComparison.Ordinal));
        await AssertThereAsync(scene, remote, [scene.History[21].Position, scene.Newest]);

        var id = catalog.Manifests[0].Name.Backup.ToString();
        await using (var here = await scene.OpenAsync(scene.Store))
        {
            using var keeping = new BackupKeeping(here, TimeSpan.Zero, TimeSpan.FromDays(90), scene.Time);
            await keeping.DeleteAsync("app", id, Ct);

            // It is gone here before anybody there has heard of it.
            Assert.Equal(1, (await keeping.SweepAsync(catalog.Source, Ct)).Ended);
        }

        Assert.Equal(1, (await run.ExecuteAsync("app", Ct)).Marks);
        Assert.Equal(0, (await run.TidyAsync(Ct)).BackupsEnded);
        scene.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await run.TidyAsync(Ct)).BackupsEnded);
        Assert.DoesNotContain((await CatalogOfAsync(remote)).Manifests, entry => entry.Name.Backup.ToString() == id);
        Assert.False((await run.ExecuteAsync("app", Ct)).DidAnything);
    }

    [Fact]
    public async Task What_somebody_removed_there_is_not_taken_for_the_replacement_of_what_compaction_deletes()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        await using var there = await scene.OpenAsync(remote);
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = scene.Options, Compaction = scene.Options }, scene.Time);
        var second = 0;
        SourceCatalog catalog;
        do
        {
            await scene.CaptureAtAsync(second += 60);
            await run.ExecuteAsync("app", Ct);
            await run.TidyAsync(Ct);
            catalog = await CatalogOfAsync(remote);
        }
        while (catalog.Tombstones.Count == 0);

        var condemned = catalog.Tombstones[0].Packs;
        foreach (var pack in catalog.LastingPacks().Where(pack => condemned.Any(other => pack.Name.From.Transaction <= other.From.Transaction && pack.Name.To.Transaction >= other.To.Transaction)).ToList())
        {
            remote.Remove(pack.Name.ToString());
        }

        var reachable = scene.History.Select(captured => captured.Position).Where((await CatalogOfAsync(remote)).CanReach).ToList();
        scene.Time.Advance(TimeSpan.FromHours(2));
        _ = await run.TidyAsync(Ct);

        Assert.Contains(scene.Newest, reachable);
        await AssertThereAsync(scene, remote, [scene.Newest]);
    }
}
