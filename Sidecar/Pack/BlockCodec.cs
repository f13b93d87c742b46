namespace BackupSidecar.Pack;

/// <summary>How one block is stored. Part of the pack format.</summary>
internal enum BlockCodec : byte
{
    /// <summary>As it is: compression is off, or did not pay.</summary>
    Stored = 0,

    /// <summary>One zstd frame (RFC 8878).</summary>
    Zstd = 1,
}
