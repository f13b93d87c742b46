namespace BackupSidecar.Restore.Swap;

/// <summary>What the files of the old database say while nobody else may change them.</summary>
/// <param name="IsWal">The header says WAL, and no rollback journal contradicts it: then every process that uses the database holds a lock on it.</param>
/// <param name="NeedsRecovery">Commits, or half of one, lie in a side file: SQLite must bring them in before the file stands alone.</param>
/// <param name="IsEmptyWithSides">A file of no bytes with side files that have some. SQLite would throw those away.</param>
internal readonly record struct OldDatabaseState(bool IsWal, bool NeedsRecovery, bool IsEmptyWithSides)
{
    private const int HeaderSize = 100;
    private const int WriteVersionOffset = 18;
    private const int ReadVersionOffset = 19;
    private const byte WalVersion = 2;

    public static OldDatabaseState Read(DatabaseLock held, SwapPaths paths)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        var whole = held.ReadStart(header) == HeaderSize && header.StartsWith("SQLite format 3\0"u8);
        var hasLog = FileFacts.Of(paths.Side(SwapPaths.WalSuffix)) is { Size: > 0 };
        var hasHotJournal = IsHot(paths.Side(SwapPaths.JournalSuffix));
        return new OldDatabaseState(
            IsWal: whole && header[WriteVersionOffset] == WalVersion && header[ReadVersionOffset] == WalVersion && !hasHotJournal,
            NeedsRecovery: hasLog || hasHotJournal,
            IsEmptyWithSides: held.Facts.Size == 0 && (hasLog || hasHotJournal));
    }

    /// <summary>SQLite's own test (pager.c): a journal whose first byte is zero, or that has none, is finished.</summary>
    private static bool IsHot(string journal)
    {
        if (FileFacts.Of(journal) is not { Size: > 0 })
        {
            return false;
        }

        using var file = Posix.OpenHandle(journal, Posix.OpenReadOnly, mode: 0);
        Span<byte> first = stackalloc byte[1];
        return file.IsInvalid || (RandomAccess.Read(file, first, fileOffset: 0) == 1 && first[0] != 0);
    }
}
