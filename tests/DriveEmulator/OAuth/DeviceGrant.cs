namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>A device that waits for its user to agree on another screen.</summary>
/// <param name="Account">Who has agreed; null: nobody yet.</param>
internal sealed record DeviceGrant(
    string DeviceCode, string UserCode, string ClientId, IReadOnlyList<string> Scopes, DateTimeOffset Expires, DateTimeOffset? LastAsked, string? Account, bool IsRefused)
{
    /// <summary>Who asks again sooner is told to slow down.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
}
