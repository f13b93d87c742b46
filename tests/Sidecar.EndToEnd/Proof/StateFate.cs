namespace BackupSidecar.EndToEnd.Proof;

/// <summary>What becomes of the local state while the sidecar is dead.</summary>
public enum StateFate
{
    Kept = 0,
    Deleted,

    /// <summary>What was saved of it at an earlier kill is put back, as a volume that is restored from an older snapshot.</summary>
    OfEarlier,
}
