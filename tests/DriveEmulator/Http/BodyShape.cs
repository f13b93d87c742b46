namespace BackupSidecar.DriveEmulator.Http;

/// <summary>The two JSON bodies in which Google says that a call failed.</summary>
internal enum BodyShape
{
    /// <summary><c>error.errors[].reason</c>.</summary>
    Legacy,

    /// <summary><c>error.status</c> and <c>error.details[]</c> with an ErrorInfo.</summary>
    Modern,
}
