namespace BackupSidecar.Cli.Documents;

/// <summary>One backup. What only its manifest says is null where the manifest is damaged.</summary>
internal sealed record ListedBackup
{
    public required string BackupId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    /// <summary>False if a pack on the way to its position is missing, or its manifest is damaged.</summary>
    public required bool Restorable { get; init; }

    public required bool? Changed { get; init; }

    /// <summary>True if its own pack holds the whole database; null if it stored nothing.</summary>
    public required bool? Full { get; init; }

    public required long? DatabaseBytes { get; init; }

    public required long? StoredBytes { get; init; }

    public required string? Database { get; init; }

    public required string? Host { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Retention never takes it.</summary>
    public required bool Pinned { get; init; }

    /// <summary>It goes when its grace is over; null: it is not deleted.</summary>
    public required DateTimeOffset? DeletedAt { get; init; }
}
