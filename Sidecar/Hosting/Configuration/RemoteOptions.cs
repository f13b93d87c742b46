namespace BackupSidecar.Hosting.Configuration;

/// <summary>One repository beside the local one, fed from it.</summary>
internal sealed record RemoteOptions
{
    public static readonly TimeSpan IntervalMin = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan IntervalMax = TimeSpan.FromDays(1);

    /// <summary>Empty only where the configuration is refused.</summary>
    public string Name { get; init; } = "";

    /// <summary>Absolute; empty where it is in Google Drive.</summary>
    public string Path { get; init; } = "";

    /// <summary>Null: it is a directory.</summary>
    public DriveRemoteOptions? Drive { get; init; }

    /// <summary>For people; without secrets.</summary>
    public string Place => Drive is { } drive ? $"Google Drive folder {drive.Folder}" : Path;

    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}
