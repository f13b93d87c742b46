namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>What the authorization endpoint answers to a browser.</summary>
public enum ConsentMode
{
    /// <summary>At once the redirect with a code, as if the user had agreed.</summary>
    Auto,

    /// <summary>A page with two links: agree and refuse.</summary>
    Page,

    /// <summary>At once the redirect with access_denied.</summary>
    Deny,
}
