using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

public sealed class DatabaseShapeTests
{
    /// <summary>The page that holds the byte at 2^30, counted from 1.</summary>
    [Theory]
    [InlineData(512, 2_097_153)]
    [InlineData(1024, 1_048_577)]
    [InlineData(2048, 524_289)]
    [InlineData(4096, 262_145)]
    [InlineData(8192, 131_073)]
    [InlineData(16384, 65_537)]
    [InlineData(32768, 32_769)]
    [InlineData(65536, 16_385)]
    public void The_lock_byte_page_is_neither_stored_nor_counted(int pageSizeBytes, uint lockBytePage)
    {
        Assert.Equal(lockBytePage, new DatabaseShape(pageSizeBytes, 1).LockBytePage);
        Assert.Equal(1L << 30, new DatabaseShape(pageSizeBytes, 1).OffsetOf(lockBytePage));
        Assert.Equal(lockBytePage - 1, new DatabaseShape(pageSizeBytes, lockBytePage - 1).StoredPageCount);
        Assert.Equal(lockBytePage - 1, new DatabaseShape(pageSizeBytes, lockBytePage).StoredPageCount);
        Assert.Equal(lockBytePage, new DatabaseShape(pageSizeBytes, lockBytePage + 1).StoredPageCount);
    }

    [Fact]
    public void Page_sizes_are_the_powers_of_two_from_512_to_65536() =>
        Assert.Equal([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536], Enumerable.Range(-70_000, 300_000).Where(size => DatabaseShape.IsPageSize(size)));

    [Fact]
    public void The_largest_database_has_an_offset_for_every_page()
    {
        var shape = new DatabaseShape(DatabaseShape.PageSizeBytesMax, uint.MaxValue);

        Assert.Equal(0, shape.OffsetOf(1));
        Assert.Equal(65536L * uint.MaxValue, shape.Bytes);
        Assert.Equal(shape.Bytes - 65536, shape.OffsetOf(uint.MaxValue));
        Assert.Equal(uint.MaxValue - 1, shape.StoredPageCount);
    }
}
