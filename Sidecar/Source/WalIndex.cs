namespace BackupSidecar.Source;

/// <summary>The index of a write-ahead log as SQLite has it mapped: read without any lock, in well under a microsecond.</summary>
/// <remarks>Valid while the connection that it came from is open. A reading that falls into a writer's update fails; it is tried again later.</remarks>
internal readonly unsafe struct WalIndex
{
    /// <summary>SQLite maps the index in regions of this size (wal.c, WALINDEX_PGSZ).</summary>
    private const int RegionSizeBytes = 32768;

    /// <summary>Readers hold one of these marks at a time; 0 is for those that read the database file alone (wal.c, WAL_NREADER).</summary>
    public const int ReadMarkCount = 5;

    /// <summary>Behind the two copies of the header: frames that were copied into the database, then the read marks, 4 bytes each (wal.c, WalCkptInfo).</summary>
    private const int CopiedFramesOffset = 2 * WalIndexHeader.Size;
    private const int ReadMarksOffset = CopiedFramesOffset + 4;

    private readonly byte* _region;

    private WalIndex(byte* region) => _region = region;

    /// <param name="connection">In WAL mode, with the log open: SQLite has mapped the index by then.</param>
    public static WalIndex? TryOpen(SqliteReadConnection connection) => TryOpen(connection.Database);

    /// <param name="database">Of a connection that has the log open.</param>
    public static WalIndex? TryOpen(SqliteFile database) =>
        database.TryMapIndex(RegionSizeBytes) is var region and not 0 ? new WalIndex((byte*)region) : null;

    /// <summary>As SQLite's own readers: both copies, with a barrier in between (a writer changes the second one first).</summary>
    public bool TryRead(out WalIndexHeader header)
    {
        Span<byte> first = stackalloc byte[WalIndexHeader.Size];
        Span<byte> second = stackalloc byte[WalIndexHeader.Size];
        new ReadOnlySpan<byte>(_region, WalIndexHeader.Size).CopyTo(first);
        Interlocked.MemoryBarrier();
        new ReadOnlySpan<byte>(_region + WalIndexHeader.Size, WalIndexHeader.Size).CopyTo(second);
        header = default;
        return first.SequenceEqual(second) && WalIndexHeader.TryParse(first, out header);
    }

    /// <summary>So many frames of the log are in the database file, too.</summary>
    public uint CopiedFrames => Volatile.Read(ref *(uint*)(_region + CopiedFramesOffset));

    /// <summary>The last frame that a holder of this mark may read. Changes at any time, also while nobody holds it.</summary>
    public uint ReadMark(int mark) => Volatile.Read(ref *(uint*)(_region + ReadMarksOffset + (4 * mark)));
}
