namespace BackupSidecar.Hosting.Configuration;

/// <summary>Backups that are kept under an id.</summary>
internal sealed record BackupSettings
{
    public static readonly TimeSpan DeleteGraceMax = TimeSpan.FromDays(365);

    public TimeSpan DeleteGrace { get; init; } = TimeSpan.FromDays(7);
}
