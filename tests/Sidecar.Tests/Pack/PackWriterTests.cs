using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using Xunit;
using static BackupSidecar.Tests.Pack.PackSamples;

namespace BackupSidecar.Tests.Pack;

/// <summary>What the writer refuses, and how it ends when something fails.</summary>
public sealed class PackWriterTests
{
    private const int PageSize = 65536;
    private const int SmallPageSize = 512;

    private static readonly DatabaseShape Shape = new(PageSize, 20_000);

    public static TheoryData<string, uint, int, int> Misplaced => new()
    {
        { "the page that came last", 10, 1, 1 },
        { "a page before", 3, 1, 1 },
        { "page zero", 0, 1, 1 },
        { "no page", 11, 0, 0 },
        { "the lock-byte page", 16385, 1, 1 },
        { "a run over the lock-byte page", 16384, 2, 2 },
        { "a page past the end", 20_001, 1, 1 },
        { "a run past the end", 20_000, 2, 2 },
        { "fewer bytes than pages", 11, 1, 2 },
        { "more bytes than pages", 11, 2, 1 },
    };

    [Theory]
    [MemberData(nameof(Misplaced))]
    public async Task Pages_that_cannot_come_next_are_refused_before_anything_is_written(string what, uint first, int pages, int hashes)
    {
        using var output = new MemoryStream();
        await using var writer = new PackWriter(output, () => new MemoryStream(), FullHeader(Shape, CompressionLevel.None), encoders: 1);
        await AddAsync(writer, first: 9, pages: 2, hashes: 2);

        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(writer, first, pages, hashes));

        Assert.Contains("after page 10", e.Message, StringComparison.Ordinal);
        Assert.True(writer.PageCount == 2, what);

        // The refusal harmed nothing: the pack goes on without those pages.
        await AddAsync(writer, first: 11, pages: 1, hashes: 1);
        Assert.Equal(3u, (await writer.CompleteAsync(Fingerprint.None, Fingerprint.None, TestContext.Current.CancellationToken)).PageCount);
    }

    [Fact]
    public async Task After_the_last_page_no_other_comes()
    {
        await using var writer = new PackWriter(new MemoryStream(), () => new MemoryStream(), FullHeader(Shape, CompressionLevel.None), encoders: 1);
        await AddAsync(writer, first: 1, pages: 1, hashes: 1);
        await writer.CompleteAsync(Fingerprint.None, Fingerprint.None, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(writer, first: 2, pages: 1, hashes: 1));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync(Fingerprint.None, Fingerprint.None, TestContext.Current.CancellationToken));
    }

    /// <summary>Room for header and blocks, and for everything of a whole pack but its last byte: whatever write it is that fails.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(PackHeader.Size)]
    [InlineData(PackHeader.Size + 262_144)]
    [InlineData(PackHeader.Size + 1_000_000)]
    [InlineData(-PackTrailer.Size - 1)]
    [InlineData(-1)]
    public async Task An_output_that_fails_is_reported_and_nothing_hangs(int room)
    {
        var pages = Pages(PageSize, generation: 0, new PageRun(1, 40));
        var whole = await WriteFullAsync(Shape, CompressionLevel.None, pages);
        await using var output = new NarrowStream(room < 0 ? whole.Length + room : room);
        await using var writer = new PackWriter(output, () => new MemoryStream(), FullHeader(Shape, CompressionLevel.None), encoders: 2);

        await Assert.ThrowsAsync<IOException>(() => WriteAllAsync(writer, pages));

        // What came before the failure is torn, and nothing may be put behind it.
        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAllAsync(writer, Pages(PageSize, generation: 0, new PageRun(100, 20))));
    }

    /// <summary>The index of seven thousand pages outgrows memory: no room for what memory holds when it is full, or later for the rest.</summary>
    [Theory]
    [InlineData(300)]
    [InlineData(IndexSpool.BufferedBytes)]
    public async Task An_index_spool_that_fails_is_reported_and_nothing_hangs(int room)
    {
        var spool = new NarrowStream(room);
        await using var writer = new PackWriter(new MemoryStream(), () => spool, FullHeader(new DatabaseShape(SmallPageSize, 20_000), CompressionLevel.None), encoders: 2);

        await Assert.ThrowsAsync<IOException>(() => WriteAllAsync(writer, Pages(SmallPageSize, generation: 0, new PageRun(1, 7000))));
    }

    [Fact]
    public async Task The_index_of_a_small_pack_needs_no_file_and_that_of_a_large_one_is_disposed_with_the_writer()
    {
        var shape = new DatabaseShape(SmallPageSize, 20_000);
        await using (var small = new PackWriter(new MemoryStream(), () => throw new IOException("A small pack asked for a file."), FullHeader(shape, CompressionLevel.None), encoders: 2))
        {
            await WriteAllAsync(small, Pages(SmallPageSize, generation: 0, new PageRun(1, 2000)));
        }

        var spool = new MemoryStream();
        await using (var large = new PackWriter(new MemoryStream(), () => spool, FullHeader(shape, CompressionLevel.None), encoders: 2))
        {
            await WriteAllAsync(large, Pages(SmallPageSize, generation: 0, new PageRun(1, 7000)));
            Assert.True(spool.CanRead);
        }

        Assert.False(spool.CanRead, "The file of the index was left open.");
    }

    [Fact]
    public async Task A_cancelled_write_ends_while_the_output_stands_still_and_cannot_be_continued()
    {
        using var cancel = new CancellationTokenSource();
        await using var output = new StalledStream(afterBytes: PackHeader.Size);
        var writer = new PackWriter(output, () => new MemoryStream(), FullHeader(Shape, CompressionLevel.None), encoders: 1);
        var write = AddAllAsync(writer, Pages(PageSize, generation: 0, new PageRun(1, 60)), cancel.Token);
        await output.Stalled;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(writer, first: 100, pages: 1, hashes: 1, cancel.Token));

        var disposed = writer.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted, "The writer let go of buffers that the output was still writing.");
        output.GoOn();
        await disposed;
    }

    /// <summary>Two packs at a time after many that were disposed twice: a buffer that was given back twice would be filled by both.</summary>
    [Fact]
    public async Task A_writer_gives_each_buffer_back_once()
    {
        var shape = new DatabaseShape(SmallPageSize, 20_000);
        for (var i = 0; i < 20; i++)
        {
            var writer = new PackWriter(new MemoryStream(), () => new MemoryStream(), FullHeader(shape, CompressionLevel.None), encoders: 1);
            await WriteAllAsync(writer, Pages(SmallPageSize, generation: 0, new PageRun(1, 10)));
            await writer.DisposeAsync();
            await writer.DisposeAsync();
        }

        SortedDictionary<uint, byte[]>[] contents = [.. Enumerable.Range(1, 8).Select(i => Pages(SmallPageSize, generation: i, new PageRun(1, 300)))];
        MemoryStream[] outputs = [.. contents.Select(_ => new MemoryStream())];
        PackWriter[] writers = [.. outputs.Select(output => new PackWriter(output, () => new MemoryStream(), FullHeader(shape, CompressionLevel.Light), encoders: 1))];
        for (var i = 0; i < writers.Length; i++)
        {
            await AddAllAsync(writers[i], contents[i], TestContext.Current.CancellationToken);
        }

        for (var i = 0; i < writers.Length; i++)
        {
            await writers[i].CompleteAsync(Fingerprint.None, FingerprintOf(shape, contents[i]), TestContext.Current.CancellationToken);
            await writers[i].DisposeAsync();
            Assert.Equal(contents[i], (await ReadAllAsync(outputs[i].ToArray())).Pages);
        }
    }

    private static async Task WriteAllAsync(PackWriter writer, SortedDictionary<uint, byte[]> pages)
    {
        await AddAllAsync(writer, pages, TestContext.Current.CancellationToken);
        await writer.CompleteAsync(Fingerprint.None, Fingerprint.None, TestContext.Current.CancellationToken);
    }

    private static Task AddAsync(PackWriter writer, uint first, int pages, int hashes, CancellationToken? ct = null) =>
        writer.AddAsync(first, new byte[pages * PageSize], new PageHash[hashes], ct ?? TestContext.Current.CancellationToken).AsTask();
}
