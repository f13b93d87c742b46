namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>Google does not accept the credential any more, and nothing but a new one helps.</summary>
/// <param name="location">Where the credential is.</param>
/// <param name="reason">Google's word for it, such as <c>invalid_grant</c>.</param>
/// <param name="hint">What to do.</param>
/// <param name="since">When Google said so first.</param>
internal sealed class DriveCredentialDeadException(string location, string reason, string hint, DateTimeOffset since)
    : DriveCredentialException($"The Google credential in {location} is dead: {reason}.", hint)
{
    public string Reason => reason;

    public DateTimeOffset Since => since;
}
