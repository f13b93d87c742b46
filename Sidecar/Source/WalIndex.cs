namespace BackupSidecar.Source;

/// <summary>The index of a write-ahead log as SQLite has it mapped: read without any lock, in well under a microsecond.</summary>
/// <remarks>Valid while the connection that it came from is open. A reading that falls into a writer's update fails; it is tried again later.</remarks>
internal readonly unsafe struct WalIndex
{
    /// <summary>SQLite maps the index in regions of this size (wal.c, WALINDEX_PGSZ).</summary>
    private const int RegionSizeBytes = 32768;

    private readonly byte* _region;

    private WalIndex(byte* region) => _region = region;

    /// <param name="connection">In WAL mode, with the log open: SQLite has mapped the index by then.</param>
    public static WalIndex? TryOpen(SqliteReadConnection connection) =>
        connection.Database.TryMapIndex(RegionSizeBytes) is var region and not 0 ? new WalIndex((byte*)region) : null;

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
}
