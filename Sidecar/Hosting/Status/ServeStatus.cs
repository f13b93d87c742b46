using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Status;

/// <summary>What a running serve says of itself, on its socket.</summary>
internal sealed record ServeStatus
{
    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required string Repository { get; init; }

    public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>Directories and files that cannot be taken as they are configured.</summary>
    public required IReadOnlyList<string> Problems { get; init; }
}
