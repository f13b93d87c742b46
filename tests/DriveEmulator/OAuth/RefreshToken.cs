using BackupSidecar.DriveEmulator.Accounts;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <param name="Expires">Null: when it is revoked.</param>
internal sealed record RefreshToken(string Token, Caller Caller, DateTimeOffset? Expires);
