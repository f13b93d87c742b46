namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>The body that comes with a status.</summary>
public enum FaultBody
{
    /// <summary>Drive's older error: <c>error.errors[].reason</c>.</summary>
    Legacy,

    /// <summary>Drive's newer error: <c>error.status</c> and <c>error.details[]</c>.</summary>
    Modern,

    /// <summary>A page for people, as a front end sends it.</summary>
    Html,

    /// <summary>The first half of the older error.</summary>
    Half,

    /// <summary>That of the OAuth endpoints: <c>error</c> is the reason, such as <c>invalid_grant</c>.</summary>
    OAuth,

    /// <summary>None.</summary>
    Empty,
}
