namespace BackupSidecar.Hosting.Configuration;

/// <summary>Restores in which the app takes part.</summary>
internal sealed record RestoreSettings
{
    public static readonly TimeSpan ConfirmWithinMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ConfirmWithinMax = TimeSpan.FromDays(1);
    public static readonly TimeSpan KeepOldMax = TimeSpan.FromDays(365);

    public TimeSpan ConfirmWithin { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan KeepOld { get; init; } = TimeSpan.FromDays(7);
}
