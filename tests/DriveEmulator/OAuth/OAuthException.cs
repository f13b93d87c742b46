namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>A refusal of the OAuth endpoints, whose body is not Drive's.</summary>
internal sealed class OAuthException(int status, string error, string description) : Exception(description)
{
    public int Status { get; } = status;

    public string Error { get; } = error;

    /// <summary>What a dead refresh token is answered with, and a code that is used up.</summary>
    public static OAuthException InvalidGrant(string description) => new(400, "invalid_grant", description);

    public static OAuthException InvalidRequest(string description) => new(400, "invalid_request", description);
}
