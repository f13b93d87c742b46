using BackupSidecar.Following;

namespace BackupSidecar.Api;

/// <summary>What a running serve says of itself.</summary>
internal sealed record ServeStatus
{
    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required string Repository { get; init; }

    /// <summary>The sources are known: what is not listed is not configured.</summary>
    public bool IsResolved { get; init; }

    /// <summary>The end was asked for: final captures are being made.</summary>
    public bool IsEnding { get; init; }

    public required IReadOnlyList<SourceStatus> Sources { get; init; }

    /// <summary>Directories and files that cannot be taken as they are configured.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The volumes that backups depend on.</summary>
    public required IReadOnlyList<DiskStatus> Disks { get; init; }

    /// <summary>Of the least protected source, with the problems and the disks.</summary>
    public required Protection Protection { get; init; }

    /// <param name="version">Of the program.</param>
    /// <param name="startedAt">When this process began to serve.</param>
    /// <param name="repository">Where packs go.</param>
    /// <param name="sources">Each with its protection.</param>
    /// <param name="problems">See <see cref="Problems"/>.</param>
    /// <param name="disks">See <see cref="Disks"/>.</param>
    /// <param name="now">When it was asked for.</param>
    public static ServeStatus Of(
        string version, DateTimeOffset startedAt, string repository, IReadOnlyList<SourceStatus> sources, IReadOnlyList<string> problems, IReadOnlyList<DiskStatus> disks, DateTimeOffset now)
    {
        var parts = sources.Where(source => source.Protection is not null).Select(source => Named(source.Name, source.Protection!));
        var doubts = problems.Count == 0 ? [] : (Protection[])[new Protection(ProtectionLevel.AtRisk, [.. problems], "Correct the configuration, or what it names.")];
        return StatusBounds.Bound(new ServeStatus
        {
            Version = version,
            ProcessId = Environment.ProcessId,
            StartedAt = startedAt,
            Repository = repository,
            Sources = sources,
            Problems = problems,
            Disks = disks,
            Protection = Protection.Worst([.. parts, .. doubts, .. disks.Select(disk => Protection.Of(disk, now))]),
        });
    }

    /// <summary>One source alone, as it is told to those who may not know of others.</summary>
    public ServeStatus Only(SourceStatus source) => this with { Repository = "", Sources = [source], Problems = [], Disks = [], Protection = source.Protection ?? Protection.Safe };

    private static Protection Named(string source, Protection protection) => protection with { Reasons = [.. protection.Reasons.Select(reason => $"{source}: {reason}")] };
}
