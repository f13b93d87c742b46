using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;
using static BackupSidecar.Tests.Sync.SyncScene;

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

    private static async Task<List<uint>> PagesOfAsync(MemoryStore store, PackName name)
    {
        var (_, _, pages) = await Pack.PackSamples.ReadAllAsync(store.Read(name.ToString()));
        return [.. pages.Keys];
    }
}
