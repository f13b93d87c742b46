namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>A fresh grant.</summary>
/// <param name="RefreshToken">Null where the grant has none: a service account, or a refresh that keeps the old token.</param>
public sealed record IssuedTokens(string AccessToken, string? RefreshToken, TimeSpan Lifetime, TimeSpan? RefreshTokenLifetime, string Scope);
