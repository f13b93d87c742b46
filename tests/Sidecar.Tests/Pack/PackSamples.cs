using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;
using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;

namespace BackupSidecar.Tests.Pack;

/// <summary>Small packs with fixed ids and contents, written and read whole in memory.</summary>
internal static class PackSamples
{
    public const string Name = "sample.pack";

    public static readonly TimelineId Line = new(0x1122334455667788);

    public static PackHeader FullHeader(DatabaseShape shape, CompressionLevel level, ulong pack = 0x2021) => new(
        new RepositoryId(new UInt128(0x0001020304050607, 0x08090A0B0C0D0E0F)),
        new SourceId(new UInt128(0x1011121314151617, 0x18191A1B1C1D1E1F)),
        new PackId(pack),
        Position.None,
        new Position(Line, new TransactionId(7)),
        1_780_000_000_123_456,
        new DatabaseShape(shape.PageSizeBytes, 0),
        shape,
        level);

    /// <summary>Compresses well, differs from page to page and from generation to generation.</summary>
    public static byte[] Content(uint page, int generation, int pageSizeBytes)
    {
        var content = new byte[pageSizeBytes];
        for (var i = 0; i < content.Length; i++)
        {
            content[i] = (byte)((i * 7) + (i / 256) + (page * 13) + generation);
        }

        return content;
    }

    /// <summary>The pages of these runs by number.</summary>
    public static SortedDictionary<uint, byte[]> Pages(int pageSizeBytes, int generation, params IEnumerable<PageRun> runs)
    {
        var pages = new SortedDictionary<uint, byte[]>();
        foreach (var run in runs)
        {
            for (uint i = 0; i < run.Count; i++)
            {
                pages.Add(run.First + i, Content(run.First + i, generation, pageSizeBytes));
            }
        }

        return pages;
    }

    public static Fingerprint FingerprintOf(DatabaseShape shape, IEnumerable<KeyValuePair<uint, byte[]>> pages) =>
        Fingerprint.Of(shape, pages.Aggregate(UInt128.Zero, (sum, page) => unchecked(sum + PageHash.Of(page.Key, page.Value).Value)));

    /// <summary>Consecutive pages are given to the writer at once.</summary>
    public static async Task AddAllAsync(PackWriter writer, SortedDictionary<uint, byte[]> pages, CancellationToken ct)
    {
        for (var rest = pages.ToList(); rest.Count > 0;)
        {
            var count = rest.TakeWhile((page, i) => page.Key == rest[0].Key + (uint)i).Count();
            var run = rest[..count];
            await writer.AddAsync(
                run[0].Key, Joined(run), run.Select(page => PageHash.Of(page.Key, page.Value)).ToArray(), ct);
            rest = rest[count..];
        }
    }

    private static byte[] Joined(List<KeyValuePair<uint, byte[]>> pages)
    {
        using var bytes = new MemoryStream();
        pages.ForEach(page => bytes.Write(page.Value));
        return bytes.ToArray();
    }

    public static async Task<byte[]> WriteAsync(
        PackHeader header, SortedDictionary<uint, byte[]> pages, Fingerprint before, Fingerprint after, int encoders = 2, CancellationToken ct = default)
    {
        using var output = new MemoryStream();
        await using var writer = new PackWriter(output, () => new MemoryStream(), header, encoders);
        await AddAllAsync(writer, pages, ct);
        var summary = await writer.CompleteAsync(before, after, ct);
        return summary.Length == output.Length && summary.PageCount == pages.Count
            ? output.ToArray()
            : throw new InvalidOperationException($"The summary {summary} does not describe a pack of {output.Length} bytes and {pages.Count} pages.");
    }

    public static Task<byte[]> WriteFullAsync(DatabaseShape shape, CompressionLevel level, SortedDictionary<uint, byte[]> pages, int encoders = 2) =>
        WriteAsync(FullHeader(shape, level), pages, Fingerprint.None, FingerprintOf(shape, pages), encoders);

    /// <summary>A reader over the bytes that fails the test when it is asked for what is not there.</summary>
    public static ValueTask<PackReader> OpenAsync(byte[] pack) => PackReader.OpenAsync(
        Name,
        pack.Length,
        (offset, destination, _) =>
        {
            pack.AsSpan(checked((int)offset), destination.Length).CopyTo(destination.Span);
            return ValueTask.CompletedTask;
        },
        CancellationToken.None);

    /// <summary>Everything that a pack holds, checked as far as the pack can prove itself.</summary>
    public static async Task<(PackReader Reader, List<BlockEntry> Blocks, SortedDictionary<uint, byte[]> Pages)> ReadAllAsync(byte[] pack)
    {
        var reader = await OpenAsync(pack);
        using var decoder = new BlockDecoder();
        var blocks = new List<BlockEntry>();
        var pages = new SortedDictionary<uint, byte[]>();
        await foreach (var block in reader.ReadIndexAsync(CancellationToken.None))
        {
            blocks.Add(block);
            var (stored, raw) = (new byte[block.StoredLength], new byte[block.RawLength]);
            await reader.ReadBlockAsync(block, stored, CancellationToken.None);
            decoder.Decode(block, stored, raw, Name);
            var at = 0;
            foreach (var page in block.Runs.SelectMany(run => Enumerable.Range(0, (int)run.Count).Select(i => run.First + (uint)i)))
            {
                pages.Add(page, raw[at..(at + reader.Header.ShapeAfter.PageSizeBytes)]);
                at += reader.Header.ShapeAfter.PageSizeBytes;
            }
        }

        return (reader, blocks, pages);
    }
}
