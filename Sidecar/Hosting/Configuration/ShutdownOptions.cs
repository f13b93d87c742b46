namespace BackupSidecar.Hosting.Configuration;

/// <summary>How long the end may take.</summary>
internal sealed record ShutdownOptions
{
    public static readonly TimeSpan DeadlineMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan DeadlineMax = TimeSpan.FromHours(1);

    /// <summary>Below the ten seconds after which Docker and Compose kill.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan Reserve { get; init; } = TimeSpan.FromSeconds(3);
}
