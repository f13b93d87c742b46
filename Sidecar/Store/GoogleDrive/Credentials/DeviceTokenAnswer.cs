namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The answer to a request for tokens.</summary>
internal sealed record DeviceTokenAnswer
{
    public string? AccessToken { get; init; }

    public string? RefreshToken { get; init; }

    public string? Scope { get; init; }

    public string? Error { get; init; }
}
