using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>The database file as a capture found it: what shows later that it is another file, or an older state of it.</summary>
/// <param name="Device">Of the file; see <see cref="FileIdentity"/>.</param>
/// <param name="Inode">0: nothing is known of the file.</param>
/// <param name="Mode">Its journal mode.</param>
/// <param name="HeaderChangeCounter">
/// Of page 1, offset 24, in the captured state. A rollback-journal database raises it with every commit; in WAL mode it may stand still, and
/// does not go back. 0 for a database without pages.
/// </param>
internal readonly record struct CapturedFile(ulong Device, ulong Inode, JournalMode Mode, uint HeaderChangeCounter)
{
    public static CapturedFile Unknown => default;

    public bool IsKnown => Inode != 0;

    /// <summary>Reads page 1 of the image; true only if the image proves to be unchanged afterwards.</summary>
    public static CapturedFile Of(IDatabaseImage image)
    {
        var facts = image.Facts;
        if (facts.Shape.PageCount == 0)
        {
            return new CapturedFile(facts.File.Device, facts.File.Inode, JournalMode.Unknown, HeaderChangeCounter: 0);
        }

        var page = new byte[facts.Shape.PageSizeBytes];
        image.ReadPages(1, page);
        return Of(facts.File, facts.IsWal, page);
    }

    /// <param name="identity">Of the file.</param>
    /// <param name="isWal">Its journal mode.</param>
    /// <param name="firstPage">Page 1, or its first 100 bytes, in the captured state.</param>
    public static CapturedFile Of(FileIdentity identity, bool isWal, ReadOnlySpan<byte> firstPage) => new(
        identity.Device,
        identity.Inode,
        isWal ? JournalMode.Wal : JournalMode.Rollback,
        DatabaseHeader.TryParse(firstPage, out var header, out _) ? header.ChangeCounter : 0);
}
