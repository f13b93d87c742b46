namespace BackupSidecar.Hosting.Configuration;

/// <summary>For whom lines are written.</summary>
internal enum LogFormat
{
    Unspecified = 0,

    /// <summary>For people.</summary>
    Text,

    /// <summary>One object a line.</summary>
    Json,
}
