using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Tests.Pack;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>The pages that differ, all of them and no other; and how a capture ends when its image fails.</summary>
public sealed class PageHashCaptureTests
{
    private const int PageSize = 4096;

    /// <summary>Four chunks and a bit.</summary>
    private const int PageCount = 270;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_baseline_every_page_is_changed_and_the_next_time_none()
    {
        using var bench = new CaptureBench();
        var pages = Pages(PageCount);

        var full = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);
        var idle = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);

        PageContents.AssertSame(Numbered(pages), full.Changed);
        Assert.Equal(FingerprintOf(pages), full.Fingerprint);
        Assert.Empty(idle.Changed);
        Assert.Equal(full.Fingerprint, idle.Fingerprint);
    }

    [Fact]
    public async Task One_bit_in_one_page_is_one_changed_page()
    {
        using var bench = new CaptureBench();
        var pages = Pages(PageCount);
        await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);
        pages[128] = [.. pages[128]];
        pages[128][4095] ^= 1;

        var outcome = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);

        Assert.Equal([129u], outcome.Changed.Keys);
        Assert.Equal(FingerprintOf(pages), outcome.Fingerprint);
    }

    [Fact]
    public async Task Growth_brings_the_new_pages_also_where_they_are_zero()
    {
        using var bench = new CaptureBench();
        var pages = Pages(100);
        await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);
        pages.AddRange([new byte[PageSize], new byte[PageSize]]);

        var outcome = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);

        Assert.Equal([101u, 102u], outcome.Changed.Keys);
        Assert.Equal(FingerprintOf(pages), outcome.Fingerprint);
    }

    [Fact]
    public async Task A_shrink_changes_no_page_and_the_fingerprint()
    {
        using var bench = new CaptureBench();
        var pages = Pages(PageCount);
        var before = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);
        pages.RemoveRange(70, PageCount - 70);

        var outcome = await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct);

        Assert.Empty(outcome.Changed);
        Assert.NotEqual(before.Fingerprint, outcome.Fingerprint);
        Assert.Equal(FingerprintOf(pages), outcome.Fingerprint);

        // What had been dropped is new when it comes again.
        pages.AddRange(Pages(PageCount)[70..]);
        Assert.Equal(PageCount - 70, (await bench.CaptureAsync(FakeImage.Of(PageSize, pages), ct: Ct)).Changed.Count);
    }

    [Fact]
    public async Task A_database_may_lose_all_its_pages_and_get_them_again()
    {
        using var bench = new CaptureBench();
        await bench.CaptureAsync(FakeImage.Of(PageSize, Pages(3)), ct: Ct);

        var empty = await bench.CaptureAsync(FakeImage.Of(PageSize, []), ct: Ct);

        Assert.Empty(empty.Changed);
        Assert.Equal(FingerprintOf([]), empty.Fingerprint);
        Assert.Equal(3, (await bench.CaptureAsync(FakeImage.Of(PageSize, Pages(3)), ct: Ct)).Changed.Count);
    }

    [Fact]
    public void The_lock_byte_page_is_neither_changed_nor_hashed()
    {
        var shape = new DatabaseShape(65536, 20_000);
        var image = new FakeImage(shape, page => [(byte)page, 1]);
        var chunk = new PageChunk(65536).Scan(image, baseline: null, new PageRun(shape.LockBytePage - 1, 3));

        Assert.Equal([new PageRun(shape.LockBytePage - 1, 1), new PageRun(shape.LockBytePage + 1, 1)], chunk.Changed);
        Assert.Equal(default, chunk.Hashes[1]);
        Assert.Equal(unchecked(chunk.Hashes[0].Value + chunk.Hashes[2].Value), chunk.SumOfHashes);
    }

    /// <summary>Any edits on any page size: the changed pages are those that a comparison finds, and the fingerprint is that of a recomputation.</summary>
    [Fact]
    public Task Whatever_changes_is_found() =>
        Gen.Select(Gen.Int[9, 16], Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[0, 39].Array[0, 10], Gen.Int[1, 5]).SampleAsync(
            async (power, countBefore, countAfter, edits, workers) =>
            {
                using var bench = new CaptureBench();
                var size = 1 << power;
                var before = Enumerable.Range(0, countBefore).Select(i => Page(size, i)).ToList();
                var after = Enumerable.Range(0, countAfter).Select(i => Page(size, edits.Contains(i) ? i + 1000 : i)).ToList();
                await bench.CaptureAsync(FakeImage.Of(size, before), workers);

                var outcome = await bench.CaptureAsync(FakeImage.Of(size, after), workers);

                var expected = Numbered(after);
                for (var i = 0; i < Math.Min(countBefore, countAfter); i++)
                {
                    if (!edits.Contains(i))
                    {
                        expected.Remove((uint)i + 1);
                    }
                }

                PageContents.AssertSame(expected, outcome.Changed);
                Assert.Equal(FingerprintOf(after, size), outcome.Fingerprint);
            },
            iter: 60);

    [Theory]
    [InlineData(1)]
    [InlineData(65)]
    [InlineData(PageCount)]
    public async Task An_image_that_changes_ends_the_capture_and_the_table_stays(uint page)
    {
        using var bench = new CaptureBench();
        await bench.CaptureAsync(FakeImage.Of(PageSize, Pages(3)), ct: Ct);
        var image = new FakeImage(new DatabaseShape(PageSize, PageCount), _ => null) { Failure = (page, new ImageChangedException("it changed")) };

        await Assert.ThrowsAsync<ImageChangedException>(() => bench.CaptureAsync(image, ct: Ct));

        AssertOldTableStands(bench);
        Assert.False(image.WasCheckedAtTheEnd);
    }

    [Fact]
    public async Task An_error_of_the_image_ends_the_capture_and_the_table_stays()
    {
        using var bench = new CaptureBench();
        await bench.CaptureAsync(FakeImage.Of(PageSize, Pages(3)), ct: Ct);
        var image = new FakeImage(new DatabaseShape(PageSize, 100_000), _ => null) { Failure = (50_000, new IOException("the disk")) };

        Assert.Equal("the disk", (await Assert.ThrowsAsync<IOException>(() => bench.CaptureAsync(image, ct: Ct))).Message);

        AssertOldTableStands(bench);
    }

    [Fact]
    public async Task A_change_that_is_only_seen_in_the_end_discards_what_was_read()
    {
        using var bench = new CaptureBench();
        await bench.CaptureAsync(FakeImage.Of(PageSize, Pages(3)), ct: Ct);
        var image = new FakeImage(new DatabaseShape(PageSize, PageCount), _ => null) { FailureAtTheEnd = new ImageChangedException("it changed") };

        await Assert.ThrowsAsync<ImageChangedException>(() => bench.CaptureAsync(image, ct: Ct));

        AssertOldTableStands(bench);
    }

    [Fact]
    public async Task An_error_of_the_sink_ends_the_capture()
    {
        using var bench = new CaptureBench();
        using var next = PageHashTableBuilder.Create(bench.TablePath);
        var image = new FakeImage(new DatabaseShape(PageSize, 100_000), _ => null);
        var chunks = 0;

        var e = await Assert.ThrowsAsync<IOException>(async () => await PageHashCapture.RunAsync(
            image, baseline: null, next, workers: 3, _ => ++chunks == 5 ? throw new IOException("the sink") : ValueTask.CompletedTask, Ct));

        Assert.Equal("the sink", e.Message);
        Assert.Equal(5, chunks);
        Assert.False(image.WasCheckedAtTheEnd);
    }

    [Fact]
    public async Task A_cancelled_capture_stops_between_two_chunks()
    {
        using var bench = new CaptureBench();
        using var next = PageHashTableBuilder.Create(bench.TablePath);
        using var cancel = new CancellationTokenSource();
        var image = new FakeImage(new DatabaseShape(PageSize, 1_000_000), _ => null);
        var chunks = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await PageHashCapture.RunAsync(
            image,
            baseline: null,
            next,
            workers: 2,
            async _ =>
            {
                chunks++;
                await cancel.CancelAsync();
            },
            cancel.Token));

        // Those that were on their way came to their end.
        Assert.InRange(chunks, 1, 10);
        Assert.False(image.WasCheckedAtTheEnd);
    }

    private static void AssertOldTableStands(CaptureBench bench)
    {
        using var table = PageHashTable.TryOpen(bench.TablePath);
        Assert.Equal(3u, table?.Header.Shape.PageCount);
        Assert.False(File.Exists(bench.BuilderPath));
    }

    private static List<byte[]> Pages(int count) => [.. Enumerable.Range(0, count).Select(i => Page(PageSize, i))];

    private static SortedDictionary<uint, byte[]> Numbered(List<byte[]> pages) =>
        new(pages.Select((page, i) => (Page: page, Number: (uint)i + 1)).ToDictionary(item => item.Number, item => item.Page));

    private static byte[] Page(int size, int seed)
    {
        var page = new byte[size];
        new Random(seed).NextBytes(page.AsSpan(0, 64));
        return page;
    }

    private static Fingerprint FingerprintOf(List<byte[]> pages, int size = PageSize) => Fingerprint.Of(
        new DatabaseShape(size, (uint)pages.Count),
        pages.Select((page, i) => PageHash.Of((uint)i + 1, page).Value).Aggregate(UInt128.Zero, (sum, hash) => unchecked(sum + hash)));
}
