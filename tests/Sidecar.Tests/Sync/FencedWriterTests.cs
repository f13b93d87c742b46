using BackupSidecar.Compaction;
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

/// <summary>What a writer puts after it was taken over lies there and is counted by nobody; what was acknowledged before is counted by everybody.</summary>
public sealed class FencedWriterTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly CompactionScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly LeasedStore _store;
    private readonly List<BackupRepository> _open = [];

    public FencedWriterTests(ITestOutputHelper output)
    {
        _output = output;
        _store = new LeasedStore(new MemoryStore(), new FileSystemStore(_directory.FullPath));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _scene.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Packs_backups_and_marks_of_a_writer_that_was_taken_over_are_not_counted()
    {
        await _scene.CaptureAtAsync(0, 1);
        await _scene.NameAsync();
        var former = await WriterAsync("former");
        var acknowledged = (await former.ExecuteAsync("app", Ct)).Position!.Value;
        _ = await WriterAsync("later");

        await _scene.CaptureAtAsync(2, 3);
        await _scene.NameAsync();
        await DeleteFirstBackupAsync();
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var catalog = await CatalogAsync();
        Assert.Equal(acknowledged, catalog.Newest);
        Assert.Equal(acknowledged, catalog.NewestListed);
        Assert.False(catalog.IsDeleted(Assert.Single(catalog.Manifests).Name.Backup));
        Assert.Equal(["manifests", "marks", "packs"], catalog.FencedObjects.Select(name => name.ToString().Split('/')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(catalog.Gaps());
        await _scene.AssertRebuildsAsync(catalog, acknowledged, _store);
    }

    [Fact]
    public async Task The_one_who_took_over_puts_what_its_predecessor_could_not()
    {
        await _scene.CaptureAtAsync(0, 1);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var later = await WriterAsync("later");
        await _scene.CaptureAtAsync(2, 3);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var result = await later.ExecuteAsync("app", Ct);

        Assert.Equal((_scene.Newest, 1), (result.Position, result.Packs));
        var catalog = await CatalogAsync();
        Assert.Equal(_scene.Newest, catalog.Newest);
        Assert.Single(catalog.FencedObjects);
        await _scene.AssertRebuildsAsync(catalog, _scene.Newest, _store);
    }

    [Fact]
    public async Task What_was_put_after_an_announcement_whose_answer_was_lost_does_not_count_by_it()
    {
        await _scene.CaptureAtAsync(0, 1);
        var former = await WriterAsync("former");
        _store.LosesAnswers = true;
        _ = await Assert.ThrowsAsync<StoreException>(async () => await former.ExecuteAsync("app", Ct));
        var announced = _scene.Newest;
        _store.LosesAnswers = false;
        _ = await WriterAsync("later");
        await _scene.CaptureAtAsync(2);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var catalog = await CatalogAsync();
        Assert.Equal(announced, catalog.Newest);
        Assert.Single(catalog.FencedObjects);
    }

    [Fact]
    public async Task An_announcement_that_was_refused_and_stands_all_the_same_is_believed_by_nobody()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var acknowledged = _scene.Newest;
        var later = await WriterAsync("later");
        await _scene.CaptureAtAsync(1);
        _store.OverwritesRefused = true;
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        Assert.Equal((acknowledged, acknowledged), ((await CatalogAsync()).Announced, (await CatalogAsync()).NewestListed));
        _ = await WriterAsync("later");
        Assert.Null((await later.ExecuteAsync("app", Ct)).Doubt);
    }

    [Fact]
    public async Task An_announcement_that_never_got_there_is_made_again_by_whoever_made_it()
    {
        await _scene.CaptureAtAsync(0);
        await (await WriterAsync("one")).ExecuteAsync("app", Ct);
        var again = await WriterAsync("one");
        await _scene.CaptureAtAsync(1);
        _store.LosesAnnouncements = true;
        for (var attempt = 0; attempt < 2; attempt++)
        {
            _ = await Assert.ThrowsAsync<StoreException>(async () => await again.ExecuteAsync("app", Ct));
        }

        _store.LosesAnnouncements = false;
        Assert.Equal(_scene.Newest, (await again.ExecuteAsync("app", Ct)).Position);
        Assert.Equal(_scene.Newest, (await CatalogAsync()).Announced);
    }

    /// <summary>Google Drive has no condition on an update: what was given up as lost, and sent again, may arrive when more was announced since.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_older_announcement_that_comes_back_late_is_recognised_by_its_writer_and_overwritten(bool isStartedAnew)
    {
        await _scene.CaptureAtAsync(0);
        var writer = await WriterAsync("one");
        await writer.ExecuteAsync("app", Ct);
        var late = _store.Announced[1];
        await _scene.CaptureAtAsync(1);
        await writer.ExecuteAsync("app", Ct);
        _store.ComesLate(1, late);
        Assert.Equal(_scene.History[0].Position, (await CatalogAsync()).Announced);

        writer = isStartedAnew ? await WriterAsync("one") : writer;
        await _scene.CaptureAtAsync(4000);
        Assert.Equal(_scene.Newest, (await writer.ExecuteAsync("app", Ct)).Position);

        Assert.Equal(_scene.Newest, (await CatalogAsync()).Announced);
        _ = await WriterAsync("later");
        var catalog = await CatalogAsync();
        Assert.Empty(catalog.FencedObjects);
        Assert.All(_scene.History, captured => Assert.True(catalog.CanReach(captured.Position), $"{captured.Position}"));
    }

    [Fact]
    public async Task An_upload_that_was_broken_off_goes_on_under_its_old_stamp_only_where_nothing_was_announced_since()
    {
        await _scene.CaptureAtAsync(0);
        await (await WriterAsync("one")).ExecuteAsync("app", Ct);
        var lease = _open[^1].Lease!;
        var begun = lease.Stamp;

        // Killed; the next process starts two numbers on.
        var again = await WriterLease.TakeAsync(_store, _store, _open[0].Id, new LeaseHolder("one", "host", "one", _scene.Time.GetUtcNow()), takeOver: false, Ct);
        Assert.True(again.TryGoOnWith(begun));
        Assert.False(again.TryGoOnWith(begun with { Announcement = begun.Announcement - 1 }));
        Assert.False(again.TryGoOnWith(begun with { Lease = 2 }));

        await again.ConfirmAsync(_scene.Source.Id, _scene.Newest, _scene.Time.GetUtcNow(), Ct);
        Assert.False(again.TryGoOnWith(begun));
    }

    [Fact]
    public async Task A_fence_that_a_kill_prevented_is_made_good_by_the_next_start()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        _ = await WriterAsync("later");
        foreach (var fence in _store.Objects.Names.Where(name => name.StartsWith("fences/", StringComparison.Ordinal)).ToList())
        {
            _store.Objects.Remove(fence);
        }

        await _scene.CaptureAtAsync(1);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));
        Assert.Empty((await CatalogAsync()).FencedObjects);

        _ = await WriterAsync("later");

        Assert.Single((await CatalogAsync()).FencedObjects);
    }

    [Fact]
    public async Task Fences_that_no_listing_shows_yet_hold_for_the_writer_all_the_same()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        _store.IsShown = name => !name.StartsWith("fences/", StringComparison.Ordinal);
        _ = await WriterAsync("second");
        _ = await WriterAsync("third");
        await _scene.CaptureAtAsync(1);
        _ = await Assert.ThrowsAsync<LeaseHeldException>(async () => await former.ExecuteAsync("app", Ct));

        var repository = _open[^1];
        var catalog = await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);

        Assert.Single(catalog.FencedObjects);
        Assert.Equal([new FenceName(1, LastOf(1)).ToString(), new FenceName(2, LastOf(2)).ToString()], _store.Objects.Names.Where(name => name.StartsWith("fences/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_acknowledged_and_is_not_listed_yet_is_missed_by_readers()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var shown = _store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await _scene.CaptureAtAsync(1);
        await former.ExecuteAsync("app", Ct);
        _store.IsShown = shown.Contains;

        var catalog = await CatalogAsync();

        Assert.Equal((_scene.History[0].Position, _scene.Newest), (catalog.Newest, catalog.NewestListed));
        Assert.Equal(_scene.Newest, Assert.Single(catalog.Gaps()).Wanted);
        _ = Assert.Throws<TimelineGapException>(() => catalog.ChainTo(new RestorePointSelector(catalog).Newest().Position));
        Assert.Equal(new TransactionId(3), catalog.NextTransaction);
    }

    [Fact]
    public async Task A_writer_waits_for_what_its_predecessor_had_acknowledged_and_counts_it_as_lost_in_the_end()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var shown = _store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await _scene.CaptureAtAsync(1);
        await former.ExecuteAsync("app", Ct);
        _store.IsShown = name => shown.Contains(name) || !name.StartsWith("packs/", StringComparison.Ordinal);
        var later = await WriterAsync("later");

        var e = await Assert.ThrowsAsync<OperatorException>(async () => await later.ExecuteAsync("app", Ct));
        Assert.Contains($"does not show position {_scene.Newest} of source 'app', which was acknowledged there", e.Message, StringComparison.Ordinal);

        _scene.Time.Advance(TimeSpan.FromMinutes(11));
        var result = await later.ExecuteAsync("app", Ct);
        Assert.Contains("counts as lost", result.Doubt!.Hint, StringComparison.Ordinal);
        Assert.Equal((_scene.Newest, 1), (result.Position, result.Packs));
        Assert.Null((await later.ExecuteAsync("app", Ct)).Doubt);

        _store.IsShown = static _ => true;
        _ = await (await WriterAsync("later")).ExecuteAsync("app", Ct);
    }

    [Fact]
    public async Task A_listing_that_lags_long_after_the_start_is_waited_for_as_well()
    {
        await _scene.CaptureAtAsync(0);
        var writer = await WriterAsync("writer");
        await writer.ExecuteAsync("app", Ct);
        var shown = _store.Objects.Names.ToHashSet(StringComparer.Ordinal);
        await _scene.CaptureAtAsync(3600);
        _store.LosesAnswers = true;
        _ = await Assert.ThrowsAsync<StoreException>(async () => await writer.ExecuteAsync("app", Ct));
        _store.LosesAnswers = false;
        _store.IsShown = name => shown.Contains(name) || !name.StartsWith("packs/", StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<OperatorException>(async () => await writer.ExecuteAsync("app", Ct));
        Assert.Contains("does not show position", e.Message, StringComparison.Ordinal);

        _store.IsShown = static _ => true;
        Assert.Null((await writer.ExecuteAsync("app", Ct)).Doubt);
    }

    /// <summary>A cloned machine or volume: both hold the same lease, and no store can tell them apart.</summary>
    [Fact]
    public async Task Of_a_sidecar_and_a_copy_of_its_state_one_is_refused_and_nothing_that_either_was_acknowledged_is_lost()
    {
        await _scene.CaptureAtAsync(0);
        var one = await WriterAsync("twin");
        await one.ExecuteAsync("app", Ct);
        var other = await WriterAsync("twin");
        for (var second = 1; second < 6; second++)
        {
            await _scene.CaptureAtAsync(second);
            await one.ExecuteAsync("app", Ct);
        }

        await _scene.CaptureAtAsync(6);
        await other.ExecuteAsync("app", Ct);
        await _scene.CaptureAtAsync(7);
        await one.ExecuteAsync("app", Ct);
        await _scene.CaptureAtAsync(8);
        await other.ExecuteAsync("app", Ct);

        // It looks again.
        await _scene.CaptureAtAsync(4000);
        var e = await Assert.ThrowsAsync<LeaseHeldException>(async () => await one.ExecuteAsync("app", Ct));
        Assert.Contains("a copy of its state directory", e.Message, StringComparison.Ordinal);

        _ = await WriterAsync("later");
        var catalog = await CatalogAsync();
        Assert.All(_scene.History.Take(9), captured => Assert.True(catalog.CanReach(captured.Position), $"{captured.Position}"));
    }

    [Fact]
    public async Task A_damaged_announcement_is_a_doubt_of_readers_stops_who_begins_to_write_and_is_made_good_by_who_writes()
    {
        await _scene.CaptureAtAsync(0);
        var former = await WriterAsync("former");
        await former.ExecuteAsync("app", Ct);
        var file = Directory.EnumerateFiles(_directory.FullPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Single(path => path.EndsWith(".announced", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Ct);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Ct);

        var catalog = await CatalogAsync();

        Assert.Contains("announcement of lease 1", Assert.Single(catalog.Doubts).Message, StringComparison.Ordinal);
        Assert.Equal(_scene.Newest, catalog.Newest);
        foreach (var name in (string[])["later", "former"])
        {
            var e = await Assert.ThrowsAsync<DocumentFormatException>(() => WriterAsync(name));
            Assert.Contains("announcement of lease 1", e.Message, StringComparison.Ordinal);
            Assert.Contains("make a new repository with 'repository add'", e.Hint, StringComparison.Ordinal);
        }

        await _scene.CaptureAtAsync(4000);
        await former.ExecuteAsync("app", Ct);
        _ = await WriterAsync("later");
        Assert.Equal(_scene.Newest, (await CatalogAsync()).Announced);
    }

    /// <summary>Random writers that take over from each other, go on without knowing it, are compacted, killed and started again.</summary>
    [Fact]
    public async Task Whoever_writes_when_what_was_acknowledged_is_reachable_and_what_was_not_allowed_is_not_counted()
    {
        var seed = ProofSettings.NewSeed();
        _output.WriteLine($"{ProofSettings.SeedSetting}={seed}");
        var random = new Random(seed);
        await _scene.CaptureAtAsync(0);
        var second = 1.0;
        var acknowledged = new List<Position>();
        var writers = new List<SyncRun> { await WriterAsync("w0") };
        var (refused, fenced) = (0, 0);
        for (var step = 0; step < 120 * ProofSettings.Scale; step++)
        {
            switch (random.Next(6))
            {
                case 0:
                    writers.Add(await WriterAsync($"w{step + 1}"));
                    break;
                case 1:
                    writers[^1] = await WriterAsync(_names[^1]);
                    break;
                case 2:
                    _store.LosesAnswers = random.Next(3) == 0;
                    break;
                default:
                    await _scene.CaptureAtAsync(second += random.Next(1, 400));
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

            _store.LosesAnswers = false;
            var catalog = await CatalogAsync();
            var newest = (await _store.FindNewestAsync(Ct))!.Number;
            fenced = Math.Max(fenced, catalog.FencedObjects.Count);
            Assert.All(catalog.Packs.Select(pack => pack.Name.Stamp).Where(stamp => stamp.Lease < newest), stamp => Assert.True(stamp.Announcement <= LastOf(stamp.Lease), $"{stamp} of {newest}"));
            Assert.True(acknowledged.Count == 0 || catalog.CanReach(acknowledged[^1]));
            Assert.Empty(catalog.Gaps());
        }

        Assert.True(refused > 0 && fenced > 0, $"{refused} refused, {fenced} fenced");
        await _scene.AssertRebuildsAsync(await CatalogAsync(), acknowledged[^1], _store);
    }

    private readonly List<string> _names = [];

    /// <summary>A sidecar of this name, with its own state, that takes over from whoever holds the lease.</summary>
    private async Task<SyncRun> WriterAsync(string name)
    {
        var repository = await _scene.OpenAsync(_store);
        var me = new LeaseHolder(name, "host", name, _scene.Time.GetUtcNow());
        _ = await WriterLease.TakeAsync(_store, _store, repository.Id, me, takeOver: true, Ct);
        await repository.TakeLeaseAsync(me, Ct);
        _open.Add(repository);
        _names.Add(name);
        var options = new SyncOptions { Merge = _scene.Options, Compaction = _scene.Options };
        return new SyncRun(await BackupRepository.OpenForReadingAsync(_scene.Store, Ct), repository, options, _scene.Time);
    }

    private long LastOf(long lease) => _store.Announced.TryGetValue(lease, out var bytes) ? LeaseAnnouncementCodec.Parse([.. bytes], lease, _open[0].Id, "memory").Number : 0;

    private async Task DeleteFirstBackupAsync()
    {
        await using var here = await _scene.OpenAsync(_scene.Store);
        using var keeping = new BackupKeeping(here, TimeSpan.FromHours(1), TimeSpan.FromDays(90), _scene.Time);
        var catalog = await here.ReadCatalogAsync(await here.FindSourceAsync("app", Ct), Ct);
        await keeping.DeleteAsync("app", catalog.Manifests[0].Name.Backup.ToString(), Ct);
    }

    private async Task<SourceCatalog> CatalogAsync()
    {
        var reader = await BackupRepository.OpenForReadingAsync(_store, Ct);
        return await reader.ReadCatalogAsync(await reader.FindSourceAsync("app", Ct), Ct);
    }
}
