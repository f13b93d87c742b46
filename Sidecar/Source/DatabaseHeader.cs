using System.Buffers.Binary;
using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>The first 100 bytes of a database (SQLite file format, section 1.3; big-endian).</summary>
/// <remarks>
/// 0 16 "SQLite format 3\0" · 16 2 page size, 1 means 65536 · 18 1 write version, 19 1 read version (1 rollback journal, 2 WAL) ·
/// 24 4 change counter · 28 4 page count · 96 4 version number of the SQLite that wrote last.
/// </remarks>
internal readonly record struct DatabaseHeader(int PageSizeBytes, bool IsWal, uint ChangeCounter, uint SqliteVersionNumber)
{
    public const int Size = 100;

    private const int PageSizeOffset = 16;
    private const int WriteVersionOffset = 18;
    private const int ReadVersionOffset = 19;
    private const int ChangeCounterOffset = 24;
    private const int SqliteVersionOffset = 96;
    private const byte WalVersion = 2;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <returns>False, and what was found instead, if these bytes do not start a database.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out DatabaseHeader header, out string found)
    {
        header = default;
        if (bytes.Length < Size)
        {
            found = $"it ends after {bytes.Length} bytes";
            return false;
        }

        if (!bytes.StartsWith(Magic))
        {
            found = $"it starts with {Convert.ToHexStringLower(bytes[..Magic.Length])}";
            return false;
        }

        var stored = BinaryPrimitives.ReadUInt16BigEndian(bytes[PageSizeOffset..]);
        var pageSizeBytes = stored == 1 ? DatabaseShape.PageSizeBytesMax : stored;
        if (!DatabaseShape.IsPageSize(pageSizeBytes))
        {
            found = $"its header names a page size of {stored} bytes";
            return false;
        }

        if (bytes[ReadVersionOffset] is 0 or > WalVersion)
        {
            found = $"its header names format version {bytes[ReadVersionOffset]}";
            return false;
        }

        found = "";
        header = new DatabaseHeader(
            pageSizeBytes,
            bytes[WriteVersionOffset] == WalVersion || bytes[ReadVersionOffset] == WalVersion,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[ChangeCounterOffset..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[SqliteVersionOffset..]));
        return true;
    }
}
