namespace BackupSidecar.EndToEnd.Proof;

/// <summary>How fast a fleet goes.</summary>
/// <param name="CommitsPerSecondMax">Of each writer.</param>
/// <param name="ShortInterval">Of <c>serve</c>, mostly: how long captures are held back for more.</param>
/// <param name="LongInterval">The same, now and then.</param>
/// <param name="DiskBytes">The size of the repository's file system; null: that of all temporary files.</param>
internal sealed record FleetPace(int CommitsPerSecondMax, string ShortInterval, string LongInterval, long? DiskBytes)
{
    /// <summary>As many kills and commits as the machine can do.</summary>
    public static FleetPace Fast { get; } = new(150, "0s", "100ms", DiskBytes: null);

    /// <summary>For hours: a repository of which an hour fits into memory.</summary>
    public static FleetPace Slow { get; } = new(8, "200ms", "2s", DiskBytes: 3L << 30);
}
