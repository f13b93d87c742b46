namespace BackupSidecar.Pack;

/// <summary>How hard blocks are compressed. Part of the pack format: the numbers are stored.</summary>
internal enum CompressionLevel : byte
{
    None = 0,

    /// <summary>zstd level 1: about as fast as the disk.</summary>
    Light = 1,

    /// <summary>zstd level 9: several times slower, about a tenth smaller.</summary>
    Heavy = 2,
}
