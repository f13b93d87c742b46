using System.Text;
using BackupSidecar.Chain;
using BackupSidecar.Compaction;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Policies;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Compaction;

public sealed class CompactionRunTests(ITestOutputHelper output)
{
    private static readonly FaultMoment[] Moments = [FaultMoment.Before, FaultMoment.Midway, FaultMoment.After];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>As after a kill whose last request came through and is not listed yet.</summary>
    [Fact]
    public async Task A_merge_that_is_made_again_puts_the_same_object()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3, 11);
        var captured = scene.Store.Names.ToHashSet();
        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(20));
        _ = await scene.CompactAsync();
        var merged = Assert.Single(scene.Store.Names.Except(captured));

        scene.Store.Remove(merged);
        _ = await scene.CompactAsync();

        Assert.Equal(merged, Assert.Single(scene.Store.Names.Except(captured)));
    }

    [Fact]
    public async Task What_is_merged_is_published_first_tombstoned_then_and_deleted_when_its_grace_is_over()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3, 11);

        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(20));
        var merged = await scene.CompactAsync();
        Assert.Equal((1, 3, 0, 0), (merged.Merges, merged.PacksMerged, merged.PacksTombstoned, merged.PacksDeleted));
        Assert.Equal(CompactionScene.Noon.AddSeconds(60), merged.Next);
        await scene.AssertRestoresAsync(scene.History.Select(row => row.Position));

        // Outside the window only the ends of spans are points; a pack for the minute was made meanwhile.
        scene.Time.SetUtcNow(CompactionScene.Noon.AddHours(1).AddSeconds(12));
        var removed = await scene.CompactAsync();
        Assert.Equal(4, removed.PacksTombstoned);
        Assert.Equal(scene.Time.GetUtcNow() + scene.Options.Grace, removed.Next);
        var catalog = await scene.CatalogAsync();
        Assert.Equal(4, Assert.Single(catalog.Tombstones).Packs.Count);
        Assert.Equal([1, 4, 5], catalog.RestorePoints().Select(point => (int)point.Position.Transaction.Value));

        // A reader that saw them before still gets what it wants, even by the old packs.
        await scene.AssertRestoresAsync(scene.History.Select(row => row.Position));
        Assert.Empty((await scene.VerifyAsync()).Findings);

        scene.Time.SetUtcNow(removed.Next!.Value);
        var swept = await scene.CompactAsync();
        Assert.Equal(4, swept.PacksDeleted);
        catalog = await scene.CatalogAsync();
        Assert.Empty(catalog.Tombstones);
        Assert.False(catalog.CanReach(scene.History[1].Position));
        await scene.AssertRestoresAsync([scene.History[0].Position, scene.History[3].Position, scene.Newest]);
        Assert.Empty((await scene.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task Killed_at_any_store_call_the_next_run_comes_to_the_same_end()
    {
        using var scene = new CompactionScene();
        await PrepareAsync(scene);
        var before = scene.Store;
        scene.Store = before.Copy();
        var counting = new FaultyStore(scene.Store.Another(), fault: null);
        var whole = await scene.CompactAsync(counting);
        var wanted = await EndAsync(scene);
        Assert.True(whole is { Merges: > 2, PacksTombstoned: > 3, PacksDeleted: > 3 }, whole.ToString());
        output.WriteLine($"{counting.Calls} calls, {whole}");

        for (var call = 1; call <= counting.Calls; call++)
        {
            foreach (var moment in Moments)
            {
                scene.Store = before.Copy();
                var faulty = new FaultyStore(scene.Store.Another(), Fault.Kill(call, moment));
                await Assert.ThrowsAsync<SimulatedKillException>(() => scene.CompactAsync(faulty));

                // As it lies there: every promised point, and nothing to report.
                var catalog = await scene.CatalogAsync();
                foreach (var position in Promised(scene))
                {
                    await scene.AssertRebuildsAsync(catalog, position);
                }

                Assert.Empty((await scene.VerifyAsync()).Findings);
                await scene.CompactAsync();
                Assert.Equal(wanted, await EndAsync(scene));
            }
        }
    }

    [Fact]
    public async Task A_damaged_pack_is_a_doubt_and_neither_merged_nor_removed_and_the_others_go_on()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3, 11, 12, 13);
        var damaged = (await scene.CatalogAsync()).Packs[2].Name.ToString();
        scene.Store.Flip(damaged, 300, 1);

        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(20));
        var store = new FaultyStore(scene.Store.Another(), fault: null);
        await using var repository = await scene.OpenAsync(store);
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(null, Ct), Ct);
        var run = new CompactionRun(repository, scene.Options, scene.Time);
        var first = await run.ExecuteAsync(catalog, _ => { }, Ct);
        var calls = store.Calls;
        var second = await run.ExecuteAsync(catalog, _ => { }, Ct);

        Assert.Equal(1, first.Merges);
        Assert.Contains(first.Doubts, doubt => doubt.Message.Contains(damaged, StringComparison.Ordinal));
        Assert.Equal(first.Doubts.Select(doubt => doubt.Message), second.Doubts.Select(doubt => doubt.Message));
        Assert.Equal(calls, store.Calls);

        scene.Time.SetUtcNow(CompactionScene.Noon.AddDays(3));
        Assert.NotEmpty((await run.ExecuteAsync(catalog, _ => { }, Ct)).Doubts);
        Assert.Contains(damaged, scene.Store.Names);
        Assert.DoesNotContain(catalog.Tombstones.SelectMany(tombstone => tombstone.Packs), pack => pack.ToString() == damaged);
        await scene.AssertRestoresAsync([scene.History[0].Position, scene.History[1].Position]);
    }

    [Fact]
    public async Task A_tombstone_is_withdrawn_when_what_took_the_place_of_its_packs_is_lost()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.CompactAsync();
        var catalog = await scene.CatalogAsync();
        Assert.NotEmpty(catalog.Tombstones);
        scene.Store.Remove(catalog.Packs.Single(pack => pack.Name.From == scene.History[0].Position && pack.Name.To == scene.Newest).Name.ToString());
        await scene.NameAsync();

        scene.Time.Advance(scene.Options.Grace);
        var result = await scene.CompactAsync();

        Assert.Contains(result.Doubts, doubt => doubt.Message.Contains("took back", StringComparison.Ordinal));
        Assert.Equal(0, result.PacksDeleted);
        await scene.AssertRestoresAsync(scene.History.Select(row => row.Position));
    }

    [Fact]
    public async Task A_replacement_that_cannot_be_read_back_keeps_what_it_was_to_replace()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3, 11);
        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(60));
        await scene.CompactAsync();
        foreach (var pack in (await scene.CatalogAsync()).Packs.Where(pack => pack.Name.To.Transaction.Value - pack.Name.From.Transaction.Value > 1 && !pack.Name.IsFull))
        {
            // In its index.
            scene.Store.Flip(pack.Name.ToString(), (int)pack.Length - 200, 1);
        }

        scene.Time.SetUtcNow(CompactionScene.Noon.AddHours(3));
        var result = await scene.CompactAsync();

        Assert.NotEmpty(result.Doubts);
        Assert.Empty((await scene.CatalogAsync()).Tombstones);
    }

    [Fact]
    public async Task Verify_finds_packs_that_lead_to_one_position_in_different_states()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(10));
        await scene.CompactAsync();
        Assert.Empty((await scene.VerifyAsync()).Findings);

        // A whole pack of this source, whose last page is not the one that the captures have.
        await scene.ForgeAsync(scene.History[0].Position, scene.Newest);

        var verified = await scene.VerifyAsync(VerifyLevel.Structure);
        Assert.False(verified.IsProved);
        Assert.Contains(verified.Findings, finding => finding.Problem.Contains("ends with fingerprint", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_misses_nothing_that_compaction_removed_and_everything_else_that_is_gone()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        await scene.NameAsync();
        await scene.CaptureAtAsync(4, 5);
        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.CompactAsync();

        // Half swept: a backup's own pack is gone, but what replaced it leads to the same state.
        var catalog = await scene.CatalogAsync();
        foreach (var pack in catalog.Tombstones.SelectMany(tombstone => tombstone.Packs).OrderDescending().Take(3))
        {
            scene.Store.Remove(pack.ToString());
        }

        Assert.Empty((await scene.VerifyAsync()).Findings);

        scene.Store.Remove(catalog.ChainTo(scene.Named.Single()).Tip.Name.ToString());
        catalog = await scene.CatalogAsync();
        Assert.False(catalog.CanReach(scene.Named.Single()));
        var verified = await scene.VerifyAsync();
        Assert.False(verified.IsProved);
        Assert.Contains(verified.Findings, finding => finding.Object.StartsWith("manifests/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Foreign_and_damaged_tombstones_are_reported_and_not_used()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.CompactAsync();
        var name = Assert.Single((await scene.CatalogAsync()).Tombstones).Name.ToString();
        var folder = name[..(name.LastIndexOf('/') + 1)];
        scene.Store.Flip(name, 40, 1);
        await scene.Store.PublishSmallAsync(ObjectName.Parse($"{folder}note.txt"), Encoding.UTF8.GetBytes("hello"), Ct);
        await scene.Store.PublishSmallAsync(ObjectName.Parse($"{folder}{new string('0', 16)}-{new string('1', 32)}.json"), Encoding.UTF8.GetBytes("{\"version\": 9}"), Ct);

        var catalog = await scene.CatalogAsync();
        Assert.Empty(catalog.Tombstones);
        Assert.Equal(2, catalog.Doubts.Count);
        Assert.Equal($"{folder}note.txt", Assert.Single(catalog.UnknownObjects).ToString());
        var verified = await scene.VerifyAsync();
        Assert.Equal(3, verified.Findings.Count);
        Assert.True(verified.IsProved);

        scene.Time.Advance(scene.Options.Grace);
        Assert.Equal(2, (await scene.CompactAsync()).Doubts.Count);
        await scene.AssertRestoresAsync(scene.History.Select(row => row.Position));
    }

    [Fact]
    public async Task Nothing_is_read_or_written_when_there_is_nothing_to_do()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        scene.Time.Advance(TimeSpan.FromDays(3));
        for (var i = 0; i < 3; i++)
        {
            await scene.CompactAsync();
            scene.Time.Advance(TimeSpan.FromHours(1));
        }

        var store = new FaultyStore(scene.Store.Another(), fault: null);
        await using var repository = await scene.OpenAsync(store);
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync(null, Ct), Ct);
        var calls = store.Calls;
        var run = new CompactionRun(repository, scene.Options, scene.Time);

        Assert.Null(run.NextRun(catalog));
        Assert.Null((await run.ExecuteAsync(catalog, _ => { }, Ct)).Next);
        Assert.Equal(calls, store.Calls);
    }

    /// <summary>A week of captures, compacted as it goes. A restore reads few packs, the newest short ones, and each block once.</summary>
    [Fact]
    public async Task After_a_week_a_restore_reads_few_packs_and_each_block_once()
    {
        using var scene = new CompactionScene { Options = new CompactionOptions { CreateSpool = () => new MemoryStream() } };
        var random = new Random(3);
        scene.Resize(60, random);
        var packs = new List<int>();
        for (var hour = 0; hour < 7 * 24; hour++)
        {
            for (var burst = 0; burst < 5; burst++)
            {
                scene.Time.SetUtcNow(CompactionScene.Noon.AddHours(hour).AddMinutes(burst * 11));
                for (var i = 0; i < 3; i++)
                {
                    scene.Time.Advance(TimeSpan.FromSeconds(4));
                    scene.Change(random.Next(1, 61), random);
                    await scene.CaptureAsync();
                }
            }

            await scene.CompactAsync();
            packs.Add((await scene.CatalogAsync()).ChainTo(scene.Newest).NewestFirst.Count);
        }

        var catalog = await scene.CatalogAsync();
        foreach (var position in Promised(scene).OrderBy(_ => random.Next()).Take(100).Append(scene.Newest))
        {
            var store = new FaultyStore(scene.Store.Another(), fault: null);
            await scene.AssertRebuildsAsync(catalog, position, store);
            var chain = catalog.ChainTo(position);
            var blocks = await NeededBlocksAsync(scene, chain);

            // Header, trailer and index of each pack, those of the newest twice; the listing; and each needed block.
            Assert.Equal((3 * chain.NewestFirst.Count) + 2 + blocks, store.Log.Count(call => call.StartsWith("read packs/", StringComparison.Ordinal)));
            packs.Add(chain.NewestFirst.Count);
        }

        output.WriteLine($"{scene.History.Count} captures, {catalog.Packs.Count} packs left; chains of {packs.Average():0.0} packs on average, {packs.Max()} at most");
        Assert.InRange(packs.Average(), 1, 20);
        Assert.InRange(packs.Max(), 1, 40);
        Assert.Empty((await scene.VerifyAsync()).Findings);
    }

    [Fact]
    public async Task A_chain_of_hundreds_of_packs_that_nobody_compacted_yet_restores()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(Enumerable.Range(0, 700).Select(i => i / 10.0));

        Assert.Equal(700, (await scene.CatalogAsync()).ChainTo(scene.Newest).NewestFirst.Count);
        await scene.AssertRestoresAsync([scene.Newest, scene.History[350].Position]);
        scene.Time.SetUtcNow(CompactionScene.Noon.AddSeconds(70));
        await scene.CompactAsync();
        Assert.Equal(3, (await scene.CatalogAsync()).ChainTo(scene.Newest).NewestFirst.Count);
        await scene.AssertRestoresAsync([scene.Newest, scene.History[350].Position]);
    }

    private static async Task<int> NeededBlocksAsync(CompactionScene scene, PackChain packs)
    {
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        await using var chain = await ChainReader.OpenAsync(repository, packs, Ct);
        var blocks = 0;
        await foreach (var _ in chain.ChooseAsync(Ct))
        {
            blocks++;
        }

        return blocks;
    }

    /// <summary>A run has something of everything to do: merges of two levels, a full, packs to remove, a tombstone to sweep.</summary>
    private static async Task PrepareAsync(CompactionScene scene)
    {
        await scene.CaptureAtAsync(0, 1, 2, 3, 11, 12);
        scene.Time.Advance(TimeSpan.FromHours(2));
        await scene.CompactAsync();
        await scene.CaptureAtAsync(8000, 8001, 8011, 8012);
        await scene.NameAsync();
        await scene.CaptureAtAsync(8013, 86_400 + 5, 86_400 + 6, (9 * 86_400) + 5, (9 * 86_400) + 6);
        scene.Time.Advance(TimeSpan.FromHours(26));
    }

    private static HashSet<Position> Promised(CompactionScene scene) =>
        PromisedPoints.Of(scene.History, scene.Named, scene.Options.Policy, scene.Time.GetUtcNow());

    /// <summary>What is left when nothing is tombstoned any more: spans, not ids.</summary>
    private static async Task<List<string>> EndAsync(CompactionScene scene)
    {
        var catalog = await scene.CatalogAsync();
        return [.. catalog.LastingPacks().Select(pack => $"{pack.Name.From.Transaction}-{pack.Name.To.Transaction}").Distinct()];
    }
}
