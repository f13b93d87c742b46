namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>What a request carries.</summary>
/// <param name="Secret">The access token.</param>
/// <param name="ExpiresAt">Null: it is not known.</param>
internal sealed record DriveToken(string Secret, DateTimeOffset? ExpiresAt)
{
    /// <summary>Not the record's own text, which would hold the secret.</summary>
    public override string ToString() => $"a token that expires at {ExpiresAt?.ToString("u", System.Globalization.CultureInfo.InvariantCulture) ?? "an unknown time"}";
}
