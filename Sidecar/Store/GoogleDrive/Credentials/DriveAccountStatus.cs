namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>A credential and its budget at one moment, for status and metrics.</summary>
/// <param name="Credential">Where it is: a path or a variable.</param>
/// <param name="Kind">Such as "user"; empty while it could not be read.</param>
/// <param name="ExpiresAt">When the access token in use expires; null: there is none yet, or it is not known. It is renewed by itself.</param>
/// <param name="DeadSince">When Google said that the credential is worth nothing any more; null: it has not.</param>
/// <param name="DeadReason">Google's word for it; null where it lives.</param>
/// <param name="RequestsToday">Since midnight UTC, by this process.</param>
/// <param name="RequestsPerDay">The limit.</param>
/// <param name="UnitsInLastMinute">Spent.</param>
/// <param name="UnitsPerMinute">The limit.</param>
/// <param name="Waiting">Calls that wait for units.</param>
internal sealed record DriveAccountStatus(
    string Credential, string Kind, DateTimeOffset? ExpiresAt, DateTimeOffset? DeadSince, string? DeadReason, int RequestsToday, int RequestsPerDay, int UnitsInLastMinute, int UnitsPerMinute, int Waiting);
