namespace BackupSidecar.Primitives;

/// <summary>Page size in bytes (512 to 65536, a power of two) and page count of a database; pages are numbered from 1.</summary>
internal readonly record struct DatabaseShape(int PageSizeBytes, uint PageCount)
{
    public const int PageSizeBytesMin = 512;
    public const int PageSizeBytesMax = 65536;

    /// <summary>SQLite locks bytes at this offset and never uses the page that holds them (SQLite file format, section 1.4).</summary>
    private const long LockByteOffset = 1L << 30;

    public long Bytes => (long)PageSizeBytes * PageCount;

    /// <summary>The page that SQLite never uses. It is neither hashed nor stored; a restore leaves it zero.</summary>
    public uint LockBytePage => (uint)(LockByteOffset / PageSizeBytes) + 1;

    /// <summary>Pages that can hold data: all but the lock-byte page.</summary>
    public uint StoredPageCount => PageCount >= LockBytePage ? PageCount - 1 : PageCount;

    public static bool IsPageSize(long bytes) =>
        bytes is >= PageSizeBytesMin and <= PageSizeBytesMax && (bytes & (bytes - 1)) == 0;

    public long OffsetOf(uint page) => (long)(page - 1) * PageSizeBytes;
}
