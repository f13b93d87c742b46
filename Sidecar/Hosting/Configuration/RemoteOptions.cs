namespace BackupSidecar.Hosting.Configuration;

/// <summary>One repository beside the local one, fed from it.</summary>
internal sealed record RemoteOptions
{
    public static readonly TimeSpan IntervalMin = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan IntervalMax = TimeSpan.FromDays(1);

    /// <summary>Empty only where the configuration is refused.</summary>
    public string Name { get; init; } = "";

    /// <summary>Absolute.</summary>
    public string Path { get; init; } = "";

    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}
