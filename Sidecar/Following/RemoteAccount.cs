namespace BackupSidecar.Following;

/// <summary>The credential that a repository beside the local one is reached with, and what it may spend. Repositories with the same credential share it, and so do all sources.</summary>
/// <param name="Credential">Where it is: a path or a variable; never a secret.</param>
internal sealed record RemoteAccount(string Credential)
{
    /// <summary>Such as "user" or "service account x@y"; null: it was not read yet.</summary>
    public string? Kind { get; init; }

    /// <summary>When the access token in use expires; null: there is none yet, or it is not known. It is renewed by itself.</summary>
    public DateTimeOffset? TokenExpiresAt { get; init; }

    /// <summary>Null: it lives, as far as is known.</summary>
    public CredentialDeath? Death { get; init; }

    /// <summary>Those that are not zero.</summary>
    public IReadOnlyList<RequestCount> Requests { get; init; } = [];

    /// <summary>Since midnight UTC.</summary>
    public int RequestsToday { get; init; }

    /// <summary>The limit: what is asked for beyond it fails.</summary>
    public int RequestsPerDay { get; init; }

    public int UnitsInLastMinute { get; init; }

    /// <summary>The limit: what is asked for beyond it waits.</summary>
    public int UnitsPerMinute { get; init; }

    /// <summary>Calls that wait for units.</summary>
    public int Waiting { get; init; }
}
