namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>An OAuth client file as the Google Cloud console gives it: of the type "Desktop app" or "TVs and limited input devices".</summary>
internal sealed record ClientDocument
{
    public OAuthClient? Installed { get; init; }

    public OAuthClient? Web { get; init; }
}
