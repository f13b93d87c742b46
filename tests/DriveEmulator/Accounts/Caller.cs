namespace BackupSidecar.DriveEmulator.Accounts;

/// <summary>Who makes a call: an account, through an app, with what the account has granted to it.</summary>
/// <param name="Account">The mail address; of a service account, its own, unless it acts for a user.</param>
/// <param name="ClientId">The app. appProperties and drive.file go by it.</param>
internal sealed record Caller(string Account, string ClientId, IReadOnlyList<string> Scopes, bool IsServiceAccount)
{
    private const string Prefix = "https://www.googleapis.com/auth/";

    public const string FullScope = Prefix + "drive";

    public const string FileScope = Prefix + "drive.file";

    /// <summary>Sees files of other apps.</summary>
    public bool SeesAll => Has("drive") || Has("drive.readonly") || Has("drive.metadata") || Has("drive.metadata.readonly");

    public bool MayRead => Has("drive") || Has("drive.file") || Has("drive.readonly");

    public bool MayWrite => Has("drive") || Has("drive.file");

    public bool MayList => MayRead || SeesAll;

    /// <summary>drive.file is not enough for shared drives as such, nor for the trash as a whole.</summary>
    public bool MayReadDrives => Has("drive") || Has("drive.readonly");

    public bool MayWriteAll => Has("drive");

    private bool Has(string scope) => Scopes.Contains(Prefix + scope);
}
