namespace BackupSidecar.Hosting.Configuration;

/// <summary>The least important lines that are written.</summary>
internal enum LogLevelName
{
    Unspecified = 0,

    /// <summary>Each batch.</summary>
    Debug,

    /// <summary>Each finished run, and what begins or ends.</summary>
    Information,

    /// <summary>What somebody should look at.</summary>
    Warning,
}
