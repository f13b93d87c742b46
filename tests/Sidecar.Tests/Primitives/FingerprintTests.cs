using BackupSidecar.Primitives;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

/// <summary>The arithmetic that proves that a database was put together rightly.</summary>
public sealed class FingerprintTests
{
    private const int PageSize = 512;

    private static readonly Gen<byte[][]> Database = Gen.Byte.Select(b => Enumerable.Repeat(b, PageSize).ToArray()).Array[0, 20];

    /// <summary>Made with the C implementation of XXH3 from the definition in the design: the definition can never change silently.</summary>
    [Fact]
    public void The_definition_is_pinned()
    {
        var small = PageHashTests.Pattern(512);
        var large = PageHashTests.Pattern(65536);
        Assert.Equal("bb27dd4d1d8552f049ee79d92b9aee18", Of(new DatabaseShape(4096, 0)).ToString());
        Assert.Equal("a5500174311983bfac667a310cd8ccdb", Of(new DatabaseShape(512, 2), small, new byte[512]).ToString());
        Assert.Equal("a6647c6a41acc92b960b9a9cb25def63", Of(new DatabaseShape(65536, 3), large, large, large).ToString());

        // Of these only the shape counts.
        Assert.Equal("f3c77bdb9c7bcea80e94094e12e3ace0", Of(new DatabaseShape(4096, 262_146)).ToString());
        Assert.Equal("2c66d14bb26832dec4f4078babbeabf3", Of(new DatabaseShape(4096, uint.MaxValue)).ToString());
    }

    [Fact]
    public void The_order_in_which_pages_are_added_does_not_count() =>
        Gen.Select(Database, Gen.Int).Sample((pages, seed) =>
        {
            var shape = new DatabaseShape(PageSize, (uint)pages.Length);
            var hashes = pages.Select((page, i) => PageHash.Of((uint)i + 1, page).Value).ToArray();
            new Random(seed).Shuffle(hashes);

            Assert.Equal(Of(shape, pages), Fingerprint.Of(shape, Sum(hashes)));
        });

    [Fact]
    public void An_update_by_subtraction_and_addition_gives_what_a_recomputation_gives() =>
        Gen.Select(Database, Database).Sample((before, after) =>
        {
            var (oldShape, newShape) = (new DatabaseShape(PageSize, (uint)before.Length), new DatabaseShape(PageSize, (uint)after.Length));
            var sum = Of(oldShape, before).SumOfPageHashes(oldShape);
            for (var i = 0; i < Math.Max(before.Length, after.Length); i++)
            {
                // A page that a shrink drops is only subtracted, one that growth brings is only added.
                sum -= i < before.Length ? PageHash.Of((uint)i + 1, before[i]).Value : 0;
                sum += i < after.Length ? PageHash.Of((uint)i + 1, after[i]).Value : 0;
            }

            Assert.Equal(Of(newShape, after), Fingerprint.Of(newShape, sum));
        });

    [Fact]
    public void A_page_applied_any_number_of_times_too_often_shows()
    {
        var shape = new DatabaseShape(PageSize, 3);
        var pages = Enumerable.Range(0, 3).Select(i => PageHashTests.Pattern(PageSize)).ToArray();
        var right = Of(shape, pages);
        var sum = right.SumOfPageHashes(shape);
        var again = PageHash.Of(2, pages[1]).Value;
        for (var times = 1; times <= 256; times++)
        {
            sum = unchecked(sum + again);
            Assert.NotEqual(right, Fingerprint.Of(shape, sum));
        }
    }

    [Fact]
    public void Pages_that_changed_places_show()
    {
        var (one, two) = (new byte[PageSize], PageHashTests.Pattern(PageSize));

        Assert.NotEqual(Of(new DatabaseShape(PageSize, 2), one, two), Of(new DatabaseShape(PageSize, 2), two, one));
    }

    [Fact]
    public void The_shape_counts_also_where_the_pages_are_the_same()
    {
        List<int> sizes = [512, 1024, 65536];
        List<uint> counts = [0, 1, 2, uint.MaxValue];

        Assert.Distinct(sizes.SelectMany(size => counts.Select(count => Fingerprint.Of(new DatabaseShape(size, count), 5))));
    }

    [Fact]
    public void A_database_of_no_page_is_not_no_database() =>
        Assert.NotEqual(Fingerprint.None, Fingerprint.Of(new DatabaseShape(4096, 0), UInt128.Zero));

    [Fact]
    public void Text_and_bytes_read_back() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample((high, low) =>
        {
            var fingerprint = new Fingerprint(new UInt128(high, low));
            var bytes = new byte[Fingerprint.Size];
            fingerprint.Write(bytes);

            Assert.Equal(fingerprint, Fingerprint.Read(bytes));
            Assert.Equal(low, BitConverter.ToUInt64(bytes, 0));
            Assert.True(Fingerprint.TryParse(fingerprint.ToString(), out var parsed));
            Assert.Equal(fingerprint, parsed);
        });

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0000000000000000000000000000000g")]
    [InlineData("-0000000000000000000000000000001")]
    [InlineData(" 0000000000000000000000000000001")]
    [InlineData("000000000000000000000000000000000")]
    public void What_is_no_fingerprint_is_not_parsed(string text) => Assert.False(Fingerprint.TryParse(text, out _));

    private static Fingerprint Of(DatabaseShape shape, params byte[][] pages) =>
        Fingerprint.Of(shape, Sum(pages.Select((page, i) => PageHash.Of((uint)i + 1, page).Value)));

    private static UInt128 Sum(IEnumerable<UInt128> hashes) => hashes.Aggregate(UInt128.Zero, (sum, hash) => unchecked(sum + hash));
}
