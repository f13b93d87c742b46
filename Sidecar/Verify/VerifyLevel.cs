namespace BackupSidecar.Verify;

/// <summary>How much is proved.</summary>
internal enum VerifyLevel
{
    Unspecified = 0,

    /// <summary>Manifests, names, headers, trailers, indexes, links and sizes; no block is read.</summary>
    Structure,

    /// <summary>Also every byte of every pack is read, decompressed and compared with the page hashes.</summary>
    Data,

    /// <summary>Also the newest position of every source is restored to a temporary place and checked by SQLite.</summary>
    Drill,
}
