using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>What the browser brings back to the app: good once, for ten minutes, where it was asked for.</summary>
/// <param name="Challenge">Of PKCE with S256; null: the app has sent none.</param>
internal sealed record AuthorizationCode(string Code, Caller Caller, string RedirectUri, string? Challenge, DateTimeOffset Expires);
