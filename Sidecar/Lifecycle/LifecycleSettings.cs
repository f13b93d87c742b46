using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Lifecycle;

/// <summary>How restores with the app go on.</summary>
internal sealed record LifecycleSettings
{
    /// <summary>How long the app has to confirm a restore.</summary>
    public TimeSpan ConfirmWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the replaced database is kept beside the new one after a restore has ended.</summary>
    public TimeSpan KeepOld { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Blocks that are read, decompressed and written at the same time while a restore is staged.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Called at each step of an exchange of the database, for crash tests.</summary>
    public Action<SwapStep> Reached { get; init; } = static _ => { };
}
