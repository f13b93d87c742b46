namespace BackupSidecar.Verify;

/// <summary>What a verification looked at.</summary>
internal sealed class VerifyCoverage
{
    public int Sources { get; set; }

    public int Manifests { get; set; }

    public int Packs { get; set; }

    public long Blocks { get; set; }

    public long Pages { get; set; }

    /// <summary>Bytes of blocks that were read.</summary>
    public long BytesRead { get; set; }

    /// <summary>Positions whose chain of packs is unbroken back to a full.</summary>
    public int Positions { get; set; }

    /// <summary>Positions whose page hashes, chosen through their whole chain, add up to their fingerprint.</summary>
    public int FingerprintsProved { get; set; }

    /// <summary>Positions that were restored and checked by SQLite.</summary>
    public int Drills { get; set; }
}
