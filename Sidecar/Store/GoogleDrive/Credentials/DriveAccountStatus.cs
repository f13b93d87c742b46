using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>A credential and its budget at one moment, for status and metrics.</summary>
internal sealed record DriveAccountStatus
{
    /// <summary>Where it is: a path or a variable.</summary>
    public required string Credential { get; init; }

    /// <summary>Such as "user"; null: it was not read yet.</summary>
    public required string? Kind { get; init; }

    /// <summary>When the access token in use expires; null: there is none yet, or it is not known. It is renewed by itself.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why, and since when, the credential is worth nothing any more; null: it is.</summary>
    public required DriveCredentialDeadException? Death { get; init; }

    /// <summary>Of this process.</summary>
    public required IReadOnlyList<(DriveRequestKind Kind, DriveRequestResult Result, long Count)> Requests { get; init; }

    /// <summary>Since midnight UTC.</summary>
    public required int RequestsToday { get; init; }

    public required int RequestsPerDay { get; init; }

    public required int UnitsInLastMinute { get; init; }

    public required int UnitsPerMinute { get; init; }

    /// <summary>Calls that wait for units.</summary>
    public required int Waiting { get; init; }
}
