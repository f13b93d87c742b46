namespace BackupSidecar.Cli.Running;

/// <summary>How <c>run</c> starts an app.</summary>
internal sealed record AppRunOptions
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Empty: the only one of the sidecar.</summary>
    public required string Source { get; init; }

    /// <summary>Empty: not known.</summary>
    public required string AppVersion { get; init; }

    /// <summary>How long a sidecar that does not answer is waited for.</summary>
    public required TimeSpan UnreachableAfter { get; init; }

    /// <summary>The database that the app may open when there is no sidecar; null: it is not started then.</summary>
    public required string? ExistingDatabase { get; init; }

    /// <summary>How long the app must have run for a restore to be confirmed; null: it counts as confirmed when it is in place.</summary>
    public required TimeSpan? ConfirmAfter { get; init; }
}
