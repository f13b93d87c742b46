using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Pack.PackSamples;

namespace BackupSidecar.Tests.Pack;

/// <summary>What goes into a pack comes out of it.</summary>
public sealed class PackRoundTripTests
{
    public static TheoryData<int> PageSizes => [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

    private static readonly Gen<(int PageSize, (uint Gap, uint Count)[] Runs, CompressionLevel Level, int Encoders, byte[] Noise)> AnyPack = Gen.Select(
        Gen.Int[9, 16].Select(power => 1 << power),
        Gen.Select(Gen.UInt[1, 5], Gen.UInt[1, 9]).Array[0, 12],
        Gen.OneOf(CompressionLevel.None, CompressionLevel.Light, CompressionLevel.Heavy),
        Gen.Int[1, 5],
        Gen.Byte.Array[0, 64]);

    [Theory]
    [MemberData(nameof(PageSizes))]
    public async Task Blocks_are_full_to_the_brim_and_one_page_more_begins_the_next(int pageSizeBytes)
    {
        var perBlock = (uint)(BlockEntry.RawLengthMax / pageSizeBytes);
        foreach (var count in new uint[] { 1, perBlock - 1, perBlock, perBlock + 1, (2 * perBlock) + 1 })
        {
            if (count == 0)
            {
                continue;
            }

            var shape = new DatabaseShape(pageSizeBytes, count);
            var pages = Pages(pageSizeBytes, generation: 0, new PageRun(1, count));

            var (reader, blocks, found) = await ReadAllAsync(await WriteFullAsync(shape, CompressionLevel.Light, pages));

            Assert.Equal((count + perBlock - 1) / perBlock, (uint)blocks.Count);
            Assert.All(blocks[..^1], block => Assert.Equal(BlockEntry.RawLengthMax, block.RawLength));
            Assert.Equal(FingerprintOf(shape, pages), reader.Trailer.FingerprintAfter);
            PageContents.AssertSame(pages, found);
        }
    }

    [Theory]
    [MemberData(nameof(PageSizes))]
    public async Task The_pages_around_the_lock_byte_page_come_back_without_it(int pageSizeBytes)
    {
        var lockBytePage = new DatabaseShape(pageSizeBytes, 0).LockBytePage;
        var shape = new DatabaseShape(pageSizeBytes, lockBytePage + 3);
        var pages = Pages(pageSizeBytes, generation: 0, new PageRun(lockBytePage - 2, 2), new PageRun(lockBytePage + 1, 3));

        PageContents.AssertSame(pages, (await ReadAllAsync(await WriteFullAsync(shape, CompressionLevel.Light, pages))).Pages);
    }

    [Fact]
    public async Task The_last_page_that_a_database_can_have_comes_back()
    {
        var pages = Pages(512, generation: 0, new PageRun(1, 1), new PageRun(uint.MaxValue, 1));

        var (_, _, found) = await ReadAllAsync(await WriteFullAsync(new DatabaseShape(512, uint.MaxValue), CompressionLevel.None, pages));

        PageContents.AssertSame(pages, found);
    }

    [Fact]
    public async Task An_empty_database_is_a_pack_of_header_and_trailer()
    {
        var shape = new DatabaseShape(4096, 0);
        var pack = await WriteFullAsync(shape, CompressionLevel.Light, []);

        var (reader, blocks, pages) = await ReadAllAsync(pack);

        Assert.Equal(PackHeader.Size + PackTrailer.Size, pack.Length);
        Assert.Equal(Fingerprint.Of(shape, UInt128.Zero), reader.Trailer.FingerprintAfter);
        Assert.Empty(blocks);
        Assert.Empty(pages);
    }

    [Theory]
    [InlineData(nameof(CompressionLevel.None), nameof(BlockCodec.Stored))]
    [InlineData(nameof(CompressionLevel.Light), nameof(BlockCodec.Zstd))]
    [InlineData(nameof(CompressionLevel.Heavy), nameof(BlockCodec.Zstd))]
    public async Task Text_is_compressed_as_told(string levelName, string codecName)
    {
        var (level, codec) = (Enum.Parse<CompressionLevel>(levelName), Enum.Parse<BlockCodec>(codecName));
        var pages = Pages(4096, generation: 0, new PageRun(1, 100));
        var pack = await WriteFullAsync(new DatabaseShape(4096, 100), level, pages);

        var (reader, blocks, found) = await ReadAllAsync(pack);

        Assert.Equal(level, reader.Header.Compression);
        Assert.All(blocks, block => Assert.Equal(codec, block.Codec));
        Assert.Equal(codec == BlockCodec.Stored, pack.Length > 409_600);
        PageContents.AssertSame(pages, found);
    }

    [Fact]
    public async Task What_does_not_get_smaller_is_stored()
    {
        var random = new Random(42);
        var pages = Pages(4096, generation: 0, new PageRun(1, 130));
        foreach (var page in pages.Keys.Where(page => page <= 64))
        {
            random.NextBytes(pages[page]);
        }

        var (_, blocks, found) = await ReadAllAsync(await WriteFullAsync(new DatabaseShape(4096, 130), CompressionLevel.Heavy, pages));

        Assert.Equal([BlockCodec.Stored, BlockCodec.Zstd, BlockCodec.Zstd], blocks.Select(block => block.Codec));
        PageContents.AssertSame(pages, found);
    }

    [Fact]
    public async Task The_bytes_do_not_depend_on_how_many_blocks_are_compressed_at_once()
    {
        var pages = Pages(4096, generation: 0, new PageRun(1, 1500));
        var shape = new DatabaseShape(4096, 1500);

        var alone = await WriteFullAsync(shape, CompressionLevel.Light, pages, encoders: 1);
        var together = await WriteFullAsync(shape, CompressionLevel.Light, pages, encoders: 16);

        Assert.Equal(alone, together);
    }

    [Fact]
    public Task Whatever_runs_there_are_the_same_pages_come_back() =>
        AnyPack.SampleAsync(
            async sample =>
            {
                uint page = 0;
                var runs = new List<PageRun>();
                foreach (var (gap, count) in sample.Runs)
                {
                    runs.Add(new PageRun(page + gap, count));
                    page += gap + count;
                }

                var pages = Pages(sample.PageSize, generation: 0, runs);
                foreach (var (number, content) in pages)
                {
                    sample.Noise.CopyTo(content, (int)(number * 31 % (uint)(content.Length - sample.Noise.Length)));
                }

                var shape = new DatabaseShape(sample.PageSize, page + 2);
                var (reader, blocks, found) = await ReadAllAsync(await WriteFullAsync(shape, sample.Level, pages, sample.Encoders));

                Assert.Equal((uint)pages.Count, reader.Trailer.PageCount);
                Assert.Equal((uint)blocks.Count, reader.Trailer.BlockCount);
                PageContents.AssertSame(pages, found);
            },
            iter: 100);
}
