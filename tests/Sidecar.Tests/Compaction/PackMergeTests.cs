using BackupSidecar.Chain;
using BackupSidecar.Compaction;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Tests.Pack;
using BackupSidecar.Tests.Repository;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;

namespace BackupSidecar.Tests.Compaction;

public sealed class PackMergeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> PageSizes => [.. Enumerable.Range(9, 8).Select(bits => 1 << bits)];

    [Theory]
    [MemberData(nameof(PageSizes))]
    public async Task The_newest_pack_wins_for_every_page_at_every_page_size(int pageSizeBytes)
    {
        using var scene = new CompactionScene { PageSizeBytes = pageSizeBytes };
        var random = new Random(pageSizeBytes);

        // More than one block, and changes that lie across blocks.
        scene.Resize((600_000 / pageSizeBytes) + 3, random);
        await scene.CaptureAsync();
        foreach (var step in Enumerable.Range(1, 5))
        {
            for (var page = step; page <= scene.Pages.Count; page += step + 1)
            {
                scene.Change(page, random);
            }

            await scene.CaptureAsync();
        }

        var merged = await MergeAsync(scene, fromPlace: 1);

        Assert.Equal((scene.History[0].Position, scene.Newest), (merged.From, merged.To));
        await AssertLastRebuildsByAsync(scene, merged, packs: 2);
        await AssertLastRebuildsByAsync(scene, await MergeAsync(scene, fromPlace: 0), packs: 1);
    }

    [Fact]
    public async Task Without_memory_for_all_decoded_blocks_the_pack_is_the_same_and_more_is_read()
    {
        using var scene = new CompactionScene();
        var random = new Random(3);
        scene.Resize(40, random);
        await scene.CaptureAsync();
        foreach (var step in Enumerable.Range(1, 4))
        {
            // Each pack is one block, and gives every fourth page: the merge comes back to each block ten times.
            for (var page = step; page <= scene.Pages.Count; page += 4)
            {
                scene.Change(page, random);
            }

            await scene.CaptureAsync();
        }

        var packs = (await scene.CatalogAsync()).Packs.Where(pack => !pack.Name.From.IsNone).ToList();
        await using var repository = await scene.OpenAsync(scene.Store);
        var (roomy, narrow) = (new PackMerge(Options(), scene.Time), new PackMerge(Options() with { DecodedBytesMax = 0 }, scene.Time));
        var expected = await PackSamples.ReadAllAsync(scene.Store.Read((await PublishAsync(repository, roomy, packs)).Name.ToString()));
        var (_, _, pages) = await PackSamples.ReadAllAsync(scene.Store.Read((await PublishAsync(repository, narrow, packs)).Name.ToString()));

        Assert.Equal(40, pages.Count);
        Assert.Equal(expected.Pages, pages);
        Assert.InRange(narrow.Bytes, 2 * roomy.Bytes, long.MaxValue);
    }

    [Fact]
    public async Task Pages_past_the_end_are_dropped_and_a_shrink_alone_is_a_pack_without_pages()
    {
        using var scene = new CompactionScene();
        var random = new Random(1);
        scene.Resize(30, random);
        await scene.CaptureAsync();
        scene.Resize(40, random);
        scene.Change(3, random);
        await scene.CaptureAsync();
        scene.Resize(20, random);
        await scene.CaptureAsync();
        scene.Resize(10, random);
        await scene.CaptureAsync();

        var shrinks = await MergeAsync(scene, fromPlace: 2);
        Assert.Equal(0u, (await ReadAsync(scene, shrinks)).Trailer.PageCount);
        var merged = await MergeAsync(scene, fromPlace: 1, toPlace: 3);
        Assert.Equal(1u, (await ReadAsync(scene, merged)).Trailer.PageCount);
        await AssertLastRebuildsByAsync(scene, merged, packs: 2);
    }

    [Fact]
    public async Task Pages_that_come_back_after_a_shrink_are_the_new_ones()
    {
        using var scene = new CompactionScene();
        var random = new Random(2);
        foreach (var count in (int[])[30, 10, 25, 5, 60])
        {
            scene.Resize(count, random);
            scene.Change(1, random);
            await scene.CaptureAsync();
        }

        await AssertLastRebuildsByAsync(scene, await MergeAsync(scene, fromPlace: 1), packs: 2);
        await AssertLastRebuildsByAsync(scene, await MergeAsync(scene, fromPlace: 0), packs: 1);
    }

    [Fact]
    public async Task The_lock_byte_page_is_passed_over()
    {
        // A database of a little more than a gigabyte, of which only the pages around the lock-byte page change.
        var shape = new DatabaseShape(65536, 16390);
        var store = new BackupSidecar.Testing.Store.MemoryStore();
        await using var repository = await BackupRepository.OpenForWritingAsync(store, "a test", createIfMissing: true, new FakeTimeProvider(), Ct);
        var source = await repository.RegisterSourceAsync("app", Ct);
        var packs = new List<PackEntry>
        {
            await WriteAsync(1, 2, new PageRun(shape.LockBytePage - 2, 2), new PageRun(shape.LockBytePage + 1, 3)),
            await WriteAsync(2, 3, new PageRun(shape.LockBytePage - 1, 1), new PageRun(shape.LockBytePage + 1, 1)),
        };

        var merged = await PublishAsync(repository, new PackMerge(Options(), TimeProvider.System), packs);

        var (reader, _, pages) = await PackSamples.ReadAllAsync(store.Read(merged.Name.ToString()));
        Assert.Equal([.. new[] { -2L, -1, 1, 2, 3 }.Select(offset => (uint)(shape.LockBytePage + offset))], pages.Keys);
        Assert.Equal(PackSamples.Content(shape.LockBytePage + 1, 3, 65536), pages[shape.LockBytePage + 1]);
        Assert.Equal(PackSamples.Content(shape.LockBytePage + 2, 2, 65536), pages[shape.LockBytePage + 2]);
        Assert.Equal((new Fingerprint(1), new Fingerprint(3)), (reader.Trailer.FingerprintBefore, reader.Trailer.FingerprintAfter));

        async Task<PackEntry> WriteAsync(ulong from, ulong to, params PageRun[] runs)
        {
            var name = new PackName(source.Id, RepositorySamples.At(from), RepositorySamples.At(to), RepositorySamples.Noon, PackId.New());
            var header = new PackHeader(repository.Id, source.Id, name.Pack, name.From, name.To, name.CaptureTimeMicroseconds, shape, shape, CompressionLevel.Light);
            var bytes = await PackSamples.WriteAsync(header, PackSamples.Pages(65536, (int)to, runs), new Fingerprint(from), new Fingerprint(to), ct: Ct);
            await using var upload = await repository.StagePackAsync(name, Ct);
            await upload.Content.WriteAsync(bytes, Ct);
            await upload.PublishAsync(Ct);
            return new PackEntry(name, bytes.Length);
        }
    }

    [Fact]
    public async Task Packs_that_do_not_continue_each_other_are_not_merged()
    {
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1, 2, 3);
        var catalog = await scene.CatalogAsync();
        await using var repository = await scene.OpenAsync(scene.Store);
        var merge = new PackMerge(Options(), scene.Time);
        var names = scene.Store.Names;

        var e = await Assert.ThrowsAsync<PackFormatException>(async () => await PublishAsync(repository, merge, [catalog.Packs[1], catalog.Packs[3]]));

        Assert.Contains("starts from fingerprint", e.Message, StringComparison.Ordinal);
        Assert.Equal(names, scene.Store.Names);
    }

    [Fact]
    public async Task A_full_that_does_not_add_up_is_not_published()
    {
        // Every pack is whole and the links are right, but a page is missing in the second one.
        using var scene = new CompactionScene();
        await scene.CaptureAtAsync(0, 1);
        var catalog = await scene.CatalogAsync();
        await using var repository = await scene.OpenAsync(scene.Store);
        var old = await ReadAsync(scene, catalog.Packs[1].Name);
        var name = catalog.Packs[1].Name with { Pack = PackId.New() };
        var bytes = await PackSamples.WriteAsync(
            old.Header with { Pack = name.Pack }, PackSamples.Pages(512, 1, new PageRun(5, 1)), old.Trailer.FingerprintBefore, old.Trailer.FingerprintAfter, ct: Ct);
        await using (var upload = await repository.StagePackAsync(name, Ct))
        {
            await upload.Content.WriteAsync(bytes, Ct);
            await upload.PublishAsync(Ct);
        }

        var names = scene.Store.Names;
        var e = await Assert.ThrowsAsync<PackFormatException>(
            async () => await PublishAsync(repository, new PackMerge(Options(), scene.Time), [catalog.Packs[0], new PackEntry(name, bytes.Length)]));

        Assert.Contains("add up to fingerprint", e.Message, StringComparison.Ordinal);
        Assert.Equal(names, scene.Store.Names);
    }

    [Fact]
    public async Task Io_waits_for_its_pace()
    {
        var time = new FakeTimeProvider();
        var pace = new IoPace(1000, time);

        var wait = CountAsync(500);
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;

        // A rest is not saved up, and a few bytes are not worth a timer.
        time.Advance(TimeSpan.FromHours(1));
        Assert.True(CountAsync(10).IsCompleted);
        Assert.False(CountAsync(500).IsCompleted);
        using var end = new CancellationTokenSource();
        var cancelled = pace.CountAsync(1000, end.Token).AsTask();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(2010, pace.Bytes);
        await new IoPace(null, time).CountAsync(long.MaxValue / 2, Ct);

        Task CountAsync(long bytes) => pace.CountAsync(bytes, Ct).AsTask();
    }

    private static CompactionOptions Options() => new() { CreateSpool = () => new MemoryStream() };

    private static async Task<PackName> MergeAsync(CompactionScene scene, int fromPlace, int toPlace = int.MaxValue)
    {
        var captured = (await scene.CatalogAsync()).Packs.Where(pack => pack.Name.To.Transaction.Value == pack.Name.From.Transaction.Value + 1).ToList();
        await using var repository = await scene.OpenAsync(scene.Store);
        var inputs = captured.Skip(fromPlace).Take(toPlace - fromPlace + (toPlace == int.MaxValue ? 0 : 1)).ToList();
        return (await PublishAsync(repository, new PackMerge(Options(), scene.Time), inputs)).Name;
    }

    private static async Task<ManifestPack> PublishAsync(BackupRepository repository, PackMerge merge, List<PackEntry> inputs)
    {
        var name = inputs[^1].Name with { From = inputs[0].Name.From, Pack = PackId.New() };
        await using var upload = await repository.StagePackAsync(name, Ct);
        var merged = await merge.RunAsync(repository, inputs, new MergeTarget(repository.Id, name, upload.Content), Ct);
        await upload.PublishAsync(Ct);
        return merged;
    }

    private static async Task<PackReader> ReadAsync(CompactionScene scene, PackName name)
    {
        var repository = await BackupRepository.OpenForReadingAsync(scene.Store, Ct);
        await using var pack = await repository.OpenPackAsync(name, Ct);
        return await ChainReader.ReadAsync(repository, pack, name, Ct);
    }

    private static async Task AssertLastRebuildsByAsync(CompactionScene scene, PackName merged, int packs)
    {
        var catalog = await scene.CatalogAsync();
        var chain = catalog.ChainTo(scene.Newest);
        Assert.Equal(merged, chain.Tip.Name);
        Assert.Equal(packs, chain.NewestFirst.Count);
        await scene.AssertRebuildsAsync(catalog, scene.Newest);
    }
}
