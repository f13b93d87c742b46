using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <param name="RefreshToken">The token of the same grant by which it is renewed; null for service accounts.</param>
internal sealed record AccessToken(string Token, Caller Caller, DateTimeOffset Expires, string? RefreshToken);
