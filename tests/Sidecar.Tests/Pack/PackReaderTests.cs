using System.Buffers.Binary;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using CsCheck;
using Xunit;
using static BackupSidecar.Tests.Pack.PackSamples;

namespace BackupSidecar.Tests.Pack;

/// <summary>Whatever a pack's bytes are: the pages that were packed, or <see cref="PackFormatException"/>; no hang and no memory without bound.</summary>
public sealed class PackReaderTests
{
    /// <summary>Buffers of the reader and of the test for one read of one small pack, with room to spare.</summary>
    private const long AllocatedBytesMax = 4 << 20;


    private static readonly Lazy<Task<byte[]>> Small = new(() => WriteFullAsync(
        new DatabaseShape(512, 9), CompressionLevel.Light, Pages(512, generation: 0, new PageRun(1, 2), new PageRun(5, 3))));

    public static TheoryData<string> Rules => [.. BrokenRules.Keys];

    /// <summary>Breaks one rule in a pack whose digests are then made to fit again, and a part of the message.</summary>
    private static Dictionary<string, (Action<byte[]> Break, string Message)> BrokenRules { get; } = new()
    {
        ["magic"] = (pack => pack[1] = (byte)'X', "which starts no pack"),
        ["a version of the future"] = (pack => pack[8] = 2, "format version 2"),
        ["version zero"] = (pack => pack[8] = 0, "format version 0"),
        ["header size"] = (pack => pack[10] = 1, "where version 1 has none"),
        ["reserved byte of the header"] = (pack => pack[200] = 1, "where version 1 has none"),
        ["reserved byte beside the compression level"] = (pack => pack[113] = 1, "where version 1 has none"),
        ["cipher"] = (pack => pack[114] = 1, "cipher 1"),
        ["page size that is no power of two"] = (pack => Put(pack, 12, 1000), "page size of 1000"),
        ["page size of nothing"] = (pack => Put(pack, 12, 0), "page size of 0"),
        ["negative page size"] = (pack => Put(pack, 12, int.MinValue), "page size of"),
        ["trailer's magic"] = (pack => pack[^128] = 0, "it has no trailer"),
        ["index offset within the header"] = (pack => Put(pack, pack.Length - 120, 100), "places the index at 100"),
        ["index offset past the end"] = (pack => Put(pack, pack.Length - 120, pack.Length), "places the index"),
        ["huge index"] = (pack => Put(pack, pack.Length - 112, int.MaxValue), "places the index"),
        ["index longer by one"] = (pack => Put(pack, pack.Length - 112, EndOfIndex(pack) - IndexOf(pack) + 1), "places the index"),
        ["index that starts in the last block"] = (pack => MoveIndex(pack, by: -8), "its index"),
        ["index that starts late"] = (pack => MoveIndex(pack, by: 8), "its index"),
        ["block count"] = (pack => pack[^104]++, "its trailer says"),
        ["page count"] = (pack => pack[^100]++, "its trailer says"),
        ["reserved byte of the trailer"] = (pack => pack[^50] = 1, "where version 1 has none"),
        ["length in the trailer"] = (pack => pack[^64]++, "where version 1 has none"),
        ["block at another place"] = (pack => Put(pack, IndexOf(pack), PackHeader.Size + 1), "its index places a block"),
        ["block before the pack"] = (pack => Put(pack, IndexOf(pack) + 4, -1), "its index places a block"),
        ["stored length of nothing"] = (pack => Put(pack, IndexOf(pack) + 8, 0), "0 stored"),
        ["negative stored length"] = (pack => Put(pack, IndexOf(pack) + 8, -5), "-5 stored"),
        ["stored length above the raw one"] = (pack => Put(pack, IndexOf(pack) + 8, 2561), "2561 stored"),
        ["stored length less by one"] = (pack => Put(pack, IndexOf(pack) + 8, IndexOf(pack) - PackHeader.Size - 1), "has checksum"),
        ["stored length more by one"] = (pack => Put(pack, IndexOf(pack) + 8, IndexOf(pack) - PackHeader.Size + 1), "and the index at"),
        ["raw length"] = (pack => Put(pack, IndexOf(pack) + 12, 2048), "2048 raw"),
        ["huge raw length"] = (pack => Put(pack, IndexOf(pack) + 12, int.MaxValue), "raw bytes"),
        ["unknown codec"] = (pack => pack[IndexOf(pack) + 16] = 2, "codec 2"),
        ["codec none for compressed bytes"] = (pack => pack[IndexOf(pack) + 16] = 0, "codec 0"),
        ["block without a page"] = (pack => Put(pack, IndexOf(pack) + 20, 0), "names 0 pages"),
        ["block with more pages than it can hold"] = (pack => Put(pack, IndexOf(pack) + 20, 513), "names 513 pages"),
        ["negative page count"] = (pack => Put(pack, IndexOf(pack) + 20, -1), "names -1 pages"),
        ["more pages than hashes follow"] = (pack => Put(pack, IndexOf(pack) + 20, 6), "ends within an entry"),
        ["fewer pages than hashes follow"] = (pack => Put(pack, IndexOf(pack) + 20, 4), "its index"),
        ["block without a run"] = (pack => Put(pack, IndexOf(pack) + 24, 0), "in 0 runs"),
        ["more runs than pages"] = (pack => Put(pack, IndexOf(pack) + 24, 6), "in 6 runs"),
        ["run without a page"] = (pack => Put(pack, IndexOf(pack) + 52, 0), "names 0 pages from page 1"),
        ["run from page zero"] = (pack => Put(pack, IndexOf(pack) + 48, 0), "from page 0"),
        ["runs that overlap"] = (pack => Put(pack, IndexOf(pack) + 56, 2), "from page 2 on after page 2"),
        ["run past the end"] = (pack => Put(pack, IndexOf(pack) + 56, 8), "in a database of 9 pages"),
        ["run whose end wraps around"] = (pack => Put(pack, IndexOf(pack) + 56, -1), "in a database of 9 pages"),
        ["run of all pages there are"] = (pack => Put(pack, IndexOf(pack) + 60, -1), "in a database of 9 pages"),
        ["fewer pages in the runs than hashes"] = (pack => Put(pack, IndexOf(pack) + 60, 2), "4 pages in its runs and 5 hashes"),
        ["checksum of a block"] = (pack => pack[IndexOf(pack) + 32] ^= 1, "has checksum"),
        ["hash of a page"] = (pack => pack[EndOfIndex(pack) - 1] ^= 1, "page 7 has hash"),
        ["compressed bytes"] = (pack => BreakBlock(pack), "decompress"),
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_broken_rule_is_found_also_when_every_checksum_fits(string rule)
    {
        var pack = (byte[])(await Small.Value).Clone();
        var (breakRule, message) = BrokenRules[rule];
        breakRule(pack);
        PackSeal.Renew(pack);

        var e = await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync(pack));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains(Name, e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(e.Hint);
    }

    [Fact]
    public async Task Blocks_in_another_order_are_found_also_when_every_checksum_fits()
    {
        // A block of 512 pages and one of 48 that follow it in the database: the second is made to name pages of the first.
        var shape = new DatabaseShape(512, 560);
        var pack = await WriteFullAsync(shape, CompressionLevel.None, Pages(512, generation: 0, new PageRun(1, 560)));
        var second = IndexOf(pack) + BlockEntry.FixedSize + BlockEntry.RunSize + (512 * PageHash.Size);
        Put(pack, second + BlockEntry.FixedSize, 512);
        PackSeal.Renew(pack);

        var e = await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync(pack));

        Assert.Contains("from page 512 on after page 512", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_byte_page_is_found_also_when_every_checksum_fits()
    {
        var lockBytePage = new DatabaseShape(65536, 0).LockBytePage;
        var pack = await WriteFullAsync(
            new DatabaseShape(65536, lockBytePage + 5), CompressionLevel.None, Pages(65536, generation: 0, new PageRun(lockBytePage + 1, 1)));
        Put(pack, IndexOf(pack) + BlockEntry.FixedSize, (int)lockBytePage);
        PackSeal.Renew(pack);

        var e = await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync(pack));

        Assert.Contains($"from page {lockBytePage} on", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_flipped_byte_is_found()
    {
        var pack = await Small.Value;
        for (var i = 0; i < pack.Length; i++)
        {
            foreach (var flip in new byte[] { 0x01, 0x80, 0xff })
            {
                var damaged = (byte[])pack.Clone();
                damaged[i] ^= flip;

                var e = await Record.ExceptionAsync(() => ReadAllAsync(damaged));

                Assert.True(e is PackFormatException, $"Byte {i} of {pack.Length} flipped by {flip:x2}: {e?.ToString() ?? "not found"}");
            }
        }
    }

    [Fact]
    public async Task Every_length_but_the_whole_is_found()
    {
        var pack = await Small.Value;
        for (var length = 0; length < pack.Length; length++)
        {
            await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync(pack[..length]));
            await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync(pack[^length..]));
        }

        await Assert.ThrowsAsync<PackFormatException>(() => ReadAllAsync([.. pack, 0]));
    }

    [Fact]
    public async Task A_pack_of_random_bytes_is_refused() =>
        await Gen.Byte.Array[0, 2000].SampleAsync(bytes => AssertSoundAsync(bytes, expected: null), iter: 2_000);

    /// <summary>Half of the samples get fitting digests again, so that what lies behind the digests is reached.</summary>
    [Fact]
    public async Task Whatever_is_changed_in_a_pack_its_own_pages_or_the_one_exception_comes_out()
    {
        var pack = await Small.Value;
        var expected = (await ReadAllAsync(pack)).Pages;
        var index = IndexOf(pack);
        var place = Gen.OneOf(Gen.Int[0, 255], Gen.Int[index, pack.Length - 1], Gen.Int[index, index + 63], Gen.Int[pack.Length - 128, pack.Length - 33]);
        var value = Gen.OneOf(Gen.Int[-2, 20], Gen.Int, Gen.OneOf(0, -1, int.MaxValue, int.MinValue, 512, 65536, 1 << 30));
        await Gen.Select(Gen.Select(place, value, Gen.OneOf(1, 4)).Array[1, 4], Gen.Bool).SampleAsync(
            async (edits, renew) =>
            {
                var damaged = (byte[])pack.Clone();
                foreach (var (at, number, width) in edits)
                {
                    var bytes = BitConverter.GetBytes(number).AsSpan(0, Math.Min(width, damaged.Length - at));
                    bytes.CopyTo(damaged.AsSpan(at));
                }

                if (renew)
                {
                    PackSeal.Renew(damaged);
                }

                await AssertSoundAsync(damaged, expected);
            },
            iter: 4_000);
    }

    private static async Task AssertSoundAsync(byte[] pack, SortedDictionary<uint, byte[]>? expected)
    {
        // All reads are from memory, so that everything runs on this thread.
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var found = (await ReadAllAsync(pack)).Pages;
            Assert.NotNull(expected);
            PageContents.AssertSame(expected, found);
        }
        catch (PackFormatException e)
        {
            Assert.NotEmpty(e.Hint);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytesMax);
    }

    private static int IndexOf(byte[] pack) => (int)BinaryPrimitives.ReadInt64LittleEndian(pack.AsSpan(pack.Length - 120));

    private static int EndOfIndex(byte[] pack) => pack.Length - PackTrailer.Size;

    private static void Put(byte[] pack, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(pack.AsSpan(at), value);

    private static void MoveIndex(byte[] pack, int by)
    {
        Put(pack, pack.Length - 112, EndOfIndex(pack) - IndexOf(pack) - by);
        Put(pack, pack.Length - 120, IndexOf(pack) + by);
    }

    /// <summary>Another zstd frame than was packed, whose checksum is right.</summary>
    private static void BreakBlock(byte[] pack)
    {
        pack[PackHeader.Size] ^= 0xff;
        PackSeal.RenewFirstBlock(pack);
    }
}
