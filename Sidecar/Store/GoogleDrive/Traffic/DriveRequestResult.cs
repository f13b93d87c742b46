namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>How a request ended on the wire.</summary>
internal enum DriveRequestResult
{
    Ok,

    /// <summary>Drive asked for fewer requests.</summary>
    Limited,

    /// <summary>Another answer of 400 to 499, also to the question whether a file exists.</summary>
    Refused,

    /// <summary>An error of Drive's own, or no answer.</summary>
    Failed,
}
