namespace BackupSidecar.Lifecycle;

/// <summary>Which database an app was given.</summary>
internal enum Preparation
{
    Unspecified = 0,

    /// <summary>The one that was there.</summary>
    Existing,

    /// <summary>A restored one.</summary>
    Restored,

    /// <summary>The one from before a restore that was taken back.</summary>
    RolledBack,

    /// <summary>None: it may start without.</summary>
    Empty,
}
