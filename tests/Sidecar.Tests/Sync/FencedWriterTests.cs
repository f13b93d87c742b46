using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>What a writer puts after it was taken over lies there and is counted by nobody; what was acknowledged before is counted by everybody.</summary>
public sealed class FencedWriterTests(ITestOutputHelper output) : IDisposable
{
    private readonly WritersScene _writers = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private CompactionScene App => _writers.App;

    private LeasedStore Store => _writers.Store;

    public void Dispose() => _writers.Dispose();

    [Fact]
    public async Task Packs_backups_and_marks_of_a_writer_that_was_taken_over_are_not_counted()
    {
        await App.CaptureAtAsync(0, 1);
        await App.NameAsync();
        var former = await _writers.WriterAsync("former");
        var acknowledged = (await former.ExecuteAsync("app", Ct)).Position!.Value;
        _ = await _writers.WriterAsync("later");

        await App.CaptureAtAsync(2, 3);
        await App.NameAsync();
        await DeleteFirstBackupAsync();
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var catalog = await _writers.CatalogAsync();
        Assert.Equal(acknowledged, catalog.Newest);
        Assert.Equal(acknowledged, catalog.NewestListed);
        Assert.False(catalog.IsDeleted(Assert.Single(catalog.Manifests).Name.Backup));
        Assert.Equal(["manifests", "marks", "packs"], catalog.FencedObjects.Select(name => name.ToString().Split('/')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(catalog.Gaps());
        await App.AssertRebuildsAsync(catalog, acknowledged, Store);
    }

    [Fact]
    public async Task The_one_who_took_over_puts_what_its_predecessor_could_not()
    {
        await App.CaptureAtAsync(0, 1);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var later = await _writers.WriterAsync("later");
        await App.CaptureAtAsync(2, 3);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var result = await later.ExecuteAsync("app", Ct);

        Assert.Equal((App.Newest, 1), (result.Position, result.Packs));
        var catalog = await _writers.CatalogAsync();
        Assert.Equal(App.Newest, catalog.Newest);
        Assert.Single(catalog.FencedObjects);
        await App.AssertRebuildsAsync(catalog, App.Newest, Store);
    }

    [Fact]
    public async Task An_upload_that_was_broken_off_goes_on_under_its_old_stamp_only_where_nothing_was_announced_since()
    {
        await App.CaptureAtAsync(0);
        await (await _writers.WriterAsync("one")).ExecuteAsync("app", Ct);
        var lease = _writers.Opened[^1].Lease!;
        var begun = lease.Stamp;

        // Killed; the next process starts two numbers on.
        var again = await WriterLease.TakeAsync(Store, Store, _writers.Opened[0].Id, new LeaseHolder("one", "host", "one", App.Time.GetUtcNow()), takeOver: false, Ct);
        Assert.True(again.TryGoOnWith(begun));
        Assert.False(again.TryGoOnWith(begun with { Announcement = begun.Announcement - 1 }));
        Assert.False(again.TryGoOnWith(begun with { Lease = 2 }));

        await again.ConfirmAsync(App.Source.Id, App.Newest, App.Time.GetUtcNow(), Ct);
        Assert.False(again.TryGoOnWith(begun));
    }

    [Fact]
    public async Task A_fence_that_a_kill_prevented_is_made_good_by_the_next_start()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        _ = await _writers.WriterAsync("later");
        foreach (var fence in Store.Objects.Names.Where(name => name.StartsWith("fences/", StringComparison.Ordinal)).ToList())
        {
            Store.Objects.Remove(fence);
        }

        await App.CaptureAtAsync(1);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));
        Assert.Empty((await _writers.CatalogAsync()).FencedObjects);

        _ = await _writers.WriterAsync("later");

        Assert.Single((await _writers.CatalogAsync()).FencedObjects);
    }

    [Fact]
    public async Task Fences_that_no_listing_shows_yet_hold_for_the_writer_all_the_same()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        Store.IsShown = name => !name.StartsWith("fences/", StringComparison.Ordinal);
        _ = await _writers.WriterAsync("second");
        _ = await _writers.WriterAsync("third");
        await App.CaptureAtAsync(1);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var repository = _writers.Opened[^1];
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);

        Assert.Single(catalog.FencedObjects);
        Assert.Equal([new FenceName(1, _writers.LastOf(1)).ToString(), new FenceName(2, _writers.LastOf(2)).ToString()], Store.Objects.Names.Where(name => name.StartsWith("fences/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_acknowledged_and_is_not_listed_yet_is_missed_by_readers()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var shown = Store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await App.CaptureAtAsync(1);
        await former.ExecuteAsync("app", Ct);
        Store.IsShown = shown.Contains;

        var catalog = await _writers.CatalogAsync();

        Assert.Equal((App.History[0].Position, App.Newest), (catalog.Newest, catalog.NewestListed));
        Assert.Equal(App.Newest, Assert.Single(catalog.Gaps()).Wanted);
        _ = Assert.Throws<TimelineGapException>(() => catalog.ChainTo(new RestorePointSelector(catalog).Newest().Position));
        Assert.Equal(new TransactionId(3), catalog.NextTransaction);
    }

    [Fact]
    public async Task A_writer_waits_for_what_its_predecessor_had_acknowledged_and_counts_it_as_lost_in_the_end()
    {
        await App.CaptureAtAsync(0);
        var former = await _writers.WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var shown = Store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await App.CaptureAtAsync(1);
        await former.ExecuteAsync("app", Ct);
        Store.IsShown = name => shown.Contains(name) || !name.StartsWith("packs/", StringComparison.Ordinal);
        var later = await _writers.WriterAsync("later");

        var e = await Assert.ThrowsAsync<OperatorException>(async () => await later.ExecuteAsync("app", Ct));
        Assert.Contains($"does not show position {App.Newest} of source 'app', which was acknowledged there", e.Message, StringComparison.Ordinal);

        App.Time.Advance(TimeSpan.FromMinutes(11));
        var result = await later.ExecuteAsync("app", Ct);
        Assert.Contains("counts as lost", result.Doubt!.Hint, StringComparison.Ordinal);
        Assert.Equal((App.Newest, 1), (result.Position, result.Packs));
        Assert.Null((await later.ExecuteAsync("app", Ct)).Doubt);

        Store.IsShown = static _ => true;
        _ = await (await _writers.WriterAsync("later")).ExecuteAsync("app", Ct);
    }

    [Fact]
    public async Task A_listing_that_lags_long_after_the_start_is_waited_for_as_well()
    {
        await App.CaptureAtAsync(0);
        var writer = await _writers.WriterAsync("writer");
        await writer.ExecuteAsync("app", Ct);
        var shown = Store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await App.CaptureAtAsync(3600);
        Store.LosesAnswers = true;
        _ = await Assert.ThrowsAsync<StoreException>(async () => await writer.ExecuteAsync("app", Ct));
        Store.LosesAnswers = false;
        Store.IsShown = name => shown.Contains(name) || !name.StartsWith("packs/", StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<OperatorException>(async () => await writer.ExecuteAsync("app", Ct));
        Assert.Contains("does not show position", e.Message, StringComparison.Ordinal);

        Store.IsShown = static _ => true;
        Assert.Null((await writer.ExecuteAsync("app", Ct)).Doubt);
    }

    /// <summary>Random writers that take over from each other, go on without knowing it, are compacted, killed and started again.</summary>
    [Fact]
    public async Task Whoever_writes_when_what_was_acknowledged_is_reachable_and_what_was_not_allowed_is_not_counted()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await App.CaptureAtAsync(0);
        var second = 1.0;
        var acknowledged = new List<Position>();
        var writers = new List<SyncRun> { await _writers.WriterAsync("w0") };
        var (refused, fenced) = (0, 0);
        for (var step = 0; step < 120 * ProofSettings.Scale; step++)
        {
            switch (random.Next(6))
            {
                case 0:
                    writers.Add(await _writers.WriterAsync($"w{step + 1}"));
                    break;
                case 1:
                    writers[^1] = await _writers.WriterAsync(_writers.Names[^1]);
                    break;
                case 2:
                    Store.LosesAnswers = random.Next(3) == 0;
                    break;
                default:
                    await App.CaptureAtAsync(second += random.Next(1, 400));
                    break;
            }

            try
            {
                var writer = writers[random.Next(3) == 0 ? random.Next(writers.Count) : ^1];
                acknowledged.Add((await writer.ExecuteAsync("app", Ct)).Position!.Value);
                await writer.TidyAsync(Ct);
            }
            catch (LeaseHeldException)
            {
                refused++;
            }
            catch (StoreException)
            {
                // The answer was lost: not acknowledged.
            }

            Store.LosesAnswers = false;
            var catalog = await _writers.CatalogAsync();
            var newest = (await Store.FindNewestAsync(Ct))!.Number;
            fenced = Math.Max(fenced, catalog.FencedObjects.Count);
            Assert.All(catalog.Packs.Select(pack => pack.Name.Stamp).Where(stamp => stamp.Lease < newest), stamp => Assert.True(stamp.Announcement <= _writers.LastOf(stamp.Lease), $"{stamp} of {newest}"));
            Assert.True(acknowledged.Count == 0 || catalog.CanReach(acknowledged[^1]));
            Assert.Empty(catalog.Gaps());
        }

        Assert.True(refused > 0 && fenced > 0, $"{refused} refused, {fenced} fenced");
        await App.AssertRebuildsAsync(await _writers.CatalogAsync(), acknowledged[^1], Store);
    }

    private async Task DeleteFirstBackupAsync()
    {
        await using var here = await App.OpenAsync(App.Store);
        using var keeping = new BackupKeeping(here, TimeSpan.FromHours(1), TimeSpan.FromDays(90), App.Time);
        var catalog = await here.ReadCatalogAsync(await here.FindSourceAsync("app", Ct), Ct);
        await keeping.DeleteAsync("app", catalog.Manifests[0].Name.Backup.ToString(), Ct);
    }
}
