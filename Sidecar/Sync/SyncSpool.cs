namespace BackupSidecar.Sync;

/// <summary>Where packs lie on a local disk before they are sent.</summary>
/// <param name="Directory">For messages.</param>
/// <param name="FreeBytes">Asks how much is free there now.</param>
internal sealed record SyncSpool(string Directory, Func<long> FreeBytes)
{
    /// <summary>Bytes that stay free: captures must go on, and what they store goes to the same disk as often as not.</summary>
    public const long ReserveBytes = 64L << 20;

    /// <summary>A pack that is made of others may be this much larger than they are together: an n-th.</summary>
    private const int MergedGrowthPart = 16;

    /// <summary>What a pack that is made of packs of so many bytes takes at most.</summary>
    public static long MergedBytesMax(long bytes) => bytes + (bytes / MergedGrowthPart);

    /// <summary>True if a pack of so many bytes leaves room enough.</summary>
    public bool Holds(long bytes) => FreeBytes() - bytes >= ReserveBytes;
}
