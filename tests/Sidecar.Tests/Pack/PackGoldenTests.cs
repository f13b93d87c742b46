using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using Xunit;
using static BackupSidecar.Tests.Pack.PackSamples;
using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;

namespace BackupSidecar.Tests.Pack;

/// <summary>Packs of every version as they lie in repositories. The files are added, never edited.</summary>
/// <remarks>
/// Version 1 was made by a program in another language from the layouts that stand above the codecs, with the C implementations of XXH3 and zstd:
/// they pin the layout, not what this program happens to write.
/// </remarks>
public sealed class PackGoldenTests
{
    private static readonly SortedDictionary<uint, byte[]> OldPages = Pages(512, generation: 0, new PageRun(1, 3));

    private static readonly SortedDictionary<uint, byte[]> ChangedPages = Pages(512, generation: 1, new PageRun(2, 1), new PageRun(4, 3));

    private static DatabaseShape OldShape => new(512, 3);

    private static DatabaseShape NewShape => new(512, 6);

    private static Fingerprint OldFingerprint => FingerprintOf(OldShape, OldPages);

    private static Fingerprint NewFingerprint => FingerprintOf(NewShape, OldPages.Where(page => page.Key != 2).Concat(ChangedPages));

    [Fact]
    public async Task A_full_of_stored_blocks_is_written_byte_for_byte_as_from_the_first_version() =>
        Assert.Equal(
            GoldenText("full-v1.hex"),
            Text(await WriteAsync(FullHeader(OldShape, CompressionLevel.None), OldPages, Fingerprint.None, OldFingerprint, ct: TestContext.Current.CancellationToken)));

    [Fact]
    public async Task A_changeset_of_stored_blocks_is_written_byte_for_byte_as_from_the_first_version() =>
        Assert.Equal(
            GoldenText("changeset-v1.hex"), Text(await WriteAsync(ChangesetHeader(), ChangedPages, OldFingerprint, NewFingerprint, ct: TestContext.Current.CancellationToken)));

    [Fact]
    public async Task A_full_of_the_first_version_reads_back_whole()
    {
        var (reader, blocks, pages) = await ReadAllAsync(Golden("full-v1.hex"));

        Assert.Equal(FullHeader(OldShape, CompressionLevel.None), reader.Header);
        Assert.Equal(new PackTrailer(1792, 104, 1, 3, Fingerprint.None, OldFingerprint), reader.Trailer);
        Assert.True(reader.Header.IsFull);
        Assert.Equal(BlockCodec.Stored, Assert.Single(blocks).Codec);
        Assert.Equal(OldPages, pages);
    }

    [Fact]
    public async Task A_changeset_of_the_first_version_reads_back_whole()
    {
        var (reader, blocks, pages) = await ReadAllAsync(Golden("changeset-v1.hex"));

        Assert.Equal(ChangesetHeader(), reader.Header);
        Assert.Equal(new PackTrailer(2304, 128, 1, 4, OldFingerprint, NewFingerprint), reader.Trailer);
        Assert.False(reader.Header.IsFull);
        Assert.Equal([new PageRun(2, 1), new PageRun(4, 3)], Assert.Single(blocks).Runs);
        Assert.Equal(ChangedPages, pages);
    }

    /// <summary>What zstd writes changes with its version; what it has written must decode for ever.</summary>
    [Fact]
    public async Task A_compressed_pack_of_the_first_version_reads_back_whole()
    {
        var shape = new DatabaseShape(4096, 2);
        var (reader, blocks, pages) = await ReadAllAsync(Golden("zstd-v1.hex"));

        Assert.Equal(FullHeader(shape, CompressionLevel.Light, pack: 0x2425), reader.Header);
        Assert.Equal(BlockCodec.Zstd, Assert.Single(blocks).Codec);
        Assert.Equal(Pages(4096, generation: 0, new PageRun(1, 2)), pages);
        Assert.Equal(FingerprintOf(shape, pages), reader.Trailer.FingerprintAfter);
    }

    private static PackHeader ChangesetHeader() => FullHeader(NewShape, CompressionLevel.None) with
    {
        Pack = new PackId(0x2223),
        From = new Position(Line, new TransactionId(7)),
        To = new Position(Line, new TransactionId(8)),
        ShapeBefore = OldShape,
    };

    private static string GoldenText(string name) => File.ReadAllText(Path.Join(AppContext.BaseDirectory, "Pack", "Golden", name));

    private static byte[] Golden(string name) => Convert.FromHexString(GoldenText(name).ReplaceLineEndings(""));

    private static string Text(byte[] bytes) => string.Concat(bytes.Chunk(32).Select(line => Convert.ToHexStringLower(line) + "\n"));
}
