using BackupSidecar.Compaction;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

public sealed class SyncRunTests(ITestOutputHelper output)
{
    private static readonly FaultMoment[] Moments = [FaultMoment.Before, FaultMoment.Midway, FaultMoment.After];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_remote_gets_the_backups_and_the_newest_position_and_then_only_what_changed_as_one_pack()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1);
        await scene.NameAsync();
        await scene.CaptureAtAsync(2, 3, 4);

        var first = await SyncAsync(scene, remote);
        Assert.Equal((scene.Newest, 2, 1), (first.Position, first.Packs, first.Backups));
        await AssertThereAsync(scene, remote, [scene.History[1].Position, scene.Newest]);

        await scene.CaptureAtAsync(5, 6, 7, 8);
        var second = await SyncAsync(scene, remote);
        Assert.Equal((1, 0), (second.Packs, second.Backups));
        Assert.InRange(second.Bytes, 1, first.Bytes);
        await AssertThereAsync(scene, remote, [scene.History[1].Position, scene.Newest]);

        Assert.False((await SyncAsync(scene, remote)).DidAnything);
    }

    [Fact]
    public async Task One_run_object_needs_no_second_look_at_the_remote()
    {
        using var scene = new CompactionScene();
        var remote = new FaultyStore(new MemoryStore(), fault: null);
        await scene.CaptureAtAsync(0, 1);
        await using var there = await scene.OpenAsync(remote);
        var run = await RunAsync(scene, there);
        await run.ExecuteAsync("app", Ct);
        await scene.CaptureAtAsync(2, 3);
        var calls = remote.Log.Count;

        await run.ExecuteAsync("app", Ct);

        Assert.DoesNotContain(remote.Log.Skip(calls), call => call.StartsWith("list ", StringComparison.Ordinal));
        var quiet = remote.Log.Count;
        Assert.False((await run.ExecuteAsync("app", Ct)).DidAnything);
        Assert.Equal(quiet, remote.Log.Count);
    }

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
    public async Task Where_no_pack_leads_on_from_the_remote_only_pages_that_differ_go_there()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        var random = new Random(4);
        scene.Resize(400, random);
        await scene.CaptureAsync();
        await SyncAsync(scene, remote);

        // The local repository is lost; the same database is captured into a new one as a full, two pages later.
        scene.LoseRepository();
        scene.Change(7, random);
        scene.Resize(401, random);
        await scene.CaptureAsync(Position.None, new TimelineId(77));
        var result = await SyncAsync(scene, remote);

        var pack = Assert.Single((await CatalogOfAsync(remote)).Packs, pack => pack.Name.To == scene.Newest);
        Assert.Equal((scene.History[0].Position, 1), (pack.Name.From, result.Packs));
        Assert.Equal([7u, 401u], (await PagesOfAsync(remote, pack.Name)).Order());
        await AssertThereAsync(scene, remote, [scene.History[0].Position, scene.Newest]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    [InlineData(40, true)]
    public async Task A_comparison_goes_there_only_if_what_differs_has_room_on_the_local_disk(int freeMebibytes, bool hasRoom)
    {
        using var scene = new CompactionScene { PageSizeBytes = 65536 };
        var remote = new MemoryStore();
        var random = new Random(4);
        scene.Resize(400, random);
        await scene.CaptureAsync();
        await SyncAsync(scene, remote);
        scene.LoseRepository();
        scene.Change(7, random);
        await scene.CaptureAsync(Position.None, new TimelineId(77));
        await using var there = await scene.OpenAsync(remote);
        var spool = new SyncSpool("/state", () => SyncSpool.ReserveBytes + ((long)freeMebibytes << 20) - (hasRoom ? 0 : 1));
        var run = new SyncRun(await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = scene.Options, Spool = spool }, scene.Time);

        if (!hasRoom)
        {
            var e = await Assert.ThrowsAsync<OperatorException>(async () => await run.ExecuteAsync("app", Ct));
            Assert.Equal("What memory lacks of source 'app' needs up to 1 MiB in /state until it is sent, and 64 MiB must stay free; 63 MiB are free.", e.Message);
            return;
        }

        Assert.Equal(1, (await run.ExecuteAsync("app", Ct)).Packs);
        await AssertThereAsync(scene, remote, [scene.Newest]);
    }

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

    [Fact]
    public async Task A_database_with_another_page_size_goes_there_as_a_whole()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0, 1);
        await SyncAsync(scene, remote);
        scene.PageSizeBytes = 1024;
        scene.Pages = [];
        scene.Resize(12, new Random(1));
        await scene.CaptureAsync(Position.None, new TimelineId(9));

        await SyncAsync(scene, remote);

        Assert.Equal(2, (await CatalogOfAsync(remote)).Packs.Count(pack => pack.Name.IsFull));
        await AssertThereAsync(scene, remote, [scene.Newest]);
    }

    [Fact]
    public async Task Labels_pins_and_deletions_follow_and_the_newest_word_counts()
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        await scene.NameAsync();
        await SyncAsync(scene, remote);
        var id = (await scene.CatalogAsync()).Manifests[0].Name.Backup.ToString();
        await using (var here = await scene.OpenAsync(scene.Store))
        {
            using var keeping = new BackupKeeping(here, TimeSpan.FromHours(1), scene.Time);
            await keeping.UpdateAsync("app", id, ["before the move"], pinned: true, Ct);
        }

        Assert.Equal(1, (await SyncAsync(scene, remote)).Marks);

        var catalog = await CatalogOfAsync(remote);
        var mark = catalog.MarkOf(Assert.Single(catalog.Manifests).Name.Backup)!.Value;
        Assert.Equal(BackupMarkState.Pinned, mark.State);
        Assert.Equal(["before the move"], (await (await BackupRepository.OpenForReadingAsync(remote, Ct)).ReadMarkAsync(mark, Ct)).Labels);
        Assert.False((await SyncAsync(scene, remote)).DidAnything);
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

    [Theory]
    [InlineData(300)]
    [InlineData(-200)]
    public async Task A_damaged_local_pack_is_not_passed_on(int offset)
    {
        using var scene = new CompactionScene();
        var remote = new MemoryStore();
        await scene.CaptureAtAsync(0);
        var name = (await scene.CatalogAsync()).Packs[0];
        scene.Store.Flip(name.Name.ToString(), offset < 0 ? (int)name.Length + offset : offset, 1);

        await Assert.ThrowsAsync<PackFormatException>(() => SyncAsync(scene, remote));

        Assert.DoesNotContain(remote.Names, stored => stored.StartsWith("packs/", StringComparison.Ordinal));
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

    /// <summary>Random histories with compactions, synced at random moments, killed at random calls of either store, with a local repository that is lost now and then.</summary>
    [Fact]
    public async Task Whatever_happens_what_a_sync_says_is_there_restores_from_there_byte_for_byte()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var (kills, packs, losses) = (0, 0, 0);
        for (var history = 0; history < 12 * ProofSettings.Scale; history++)
        {
            var random = new Random(seed + history);
            using var scene = new CompactionScene { PageSizeBytes = 512 << random.Next(3) };
            var remote = new MemoryStore();
            var promised = new HashSet<Position>();
            scene.Resize(random.Next(1, 40), random);
            await scene.CaptureAsync();
            for (var step = 0; step < 40; step++)
            {
                scene.Time.Advance(TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 5) - 1.5)));
                switch (random.Next(8))
                {
                    case 0:
                        await scene.CompactAsync();
                        break;
                    case 1:
                        kills += await SyncAndKillAsync(scene, remote, random) ? 1 : 0;
                        break;
                    case 2:
                    case 3:
                        packs += (await SyncAsync(scene, remote)).Packs;
                        promised.UnionWith([scene.Newest, .. scene.Named]);
                        break;
                    case 4 when random.Next(4) == 0:
                        losses++;
                        scene.LoseRepository();
                        await scene.CaptureAsync(Position.None, new TimelineId((ulong)random.NextInt64() | 1));
                        break;
                    default:
                        await RandomHistory.ChangeAsync(scene, random);
                        break;
                }
            }

            await SyncAsync(scene, remote);
            await AssertThereAsync(scene, remote, [.. promised, .. scene.Named, scene.Newest]);
        }

        output.WriteLine($"{kills} kills, {packs} packs, {losses} lost repositories");
        Assert.True(kills > 0 && packs > 0 && losses > 0);
    }

    private static async Task<bool> SyncAndKillAsync(CompactionScene scene, MemoryStore remote, Random random)
    {
        var store = new FaultyStore(remote.Another(), Fault.Kill(random.Next(1, 60), Moments[random.Next(Moments.Length)]));
        try
        {
            await SyncAsync(scene, store);
            return false;
        }
        catch (SimulatedKillException)
        {
            return true;
        }
    }

    private static async Task<SyncResult> SyncAsync(CompactionScene scene, IObjectStore remote)
    {
        await using var there = await scene.OpenAsync(remote);
        return await (await RunAsync(scene, there)).ExecuteAsync("app", Ct);
    }

    private static async Task<SyncRun> RunAsync(CompactionScene scene, BackupRepository there) => new(
        await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } }, scene.Time);

    private static async Task<SourceCatalog> CatalogOfAsync(IObjectStore remote)
    {
        var repository = await BackupRepository.OpenForReadingAsync(remote, Ct);
        return await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);
    }

    private static async Task AssertThereAsync(CompactionScene scene, IObjectStore remote, IEnumerable<Position> positions)
    {
        var catalog = await CatalogOfAsync(remote);
        foreach (var position in positions.Distinct())
        {
            await scene.AssertRebuildsAsync(catalog, position, remote);
        }
    }

    private static async Task<List<uint>> PagesOfAsync(MemoryStore store, PackName name)
    {
        var (_, _, pages) = await Pack.PackSamples.ReadAllAsync(store.Read(name.ToString()));
        return [.. pages.Keys];
    }
}
