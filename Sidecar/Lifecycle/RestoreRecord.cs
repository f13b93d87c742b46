using System.Globalization;
using System.Text.Json.Serialization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Lifecycle;

/// <summary>One restore in which the app takes part, as the journal keeps it. What is not known or does not apply is null.</summary>
internal sealed record RestoreRecord
{
    /// <summary>16 hexadecimal digits; a part of the names of its files.</summary>
    public required string Id { get; init; }

    /// <summary>The database, links followed.</summary>
    public required string Path { get; init; }

    public required RestoreState State { get; init; }

    /// <summary>Why it failed, ended or is taken back; a part of a sentence.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The number of the position that is restored.</summary>
    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    public required DateTimeOffset PointTime { get; init; }

    /// <summary>The backup that keeps the position; empty: none.</summary>
    public string BackupId { get; init; } = "";

    public required long DatabaseBytes { get; init; }

    /// <summary>True: nobody asked for it, the database was missing.</summary>
    public bool IsFill { get; init; }

    public required bool SqliteChecks { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StagedAt { get; init; }

    /// <summary>How long after that the app should have ended.</summary>
    public required TimeSpan RestartWithin { get; init; }

    public DateTimeOffset? PlacedAt { get; init; }

    public DateTimeOffset? ConfirmBy { get; init; }

    /// <summary>When it was decided that it is taken back.</summary>
    public DateTimeOffset? RollbackSince { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The restored database before it was in place, and its inode ever since.</summary>
    public string? StagedPath { get; init; }

    public ulong StagedInode { get; init; }

    /// <summary>Of the database that was replaced; 0: there was none.</summary>
    public ulong OldInode { get; init; }

    /// <summary>What is kept: the database that was replaced, or after a rollback the restored one.</summary>
    public string? SafetyCopy { get; init; }

    /// <summary>False: the safety copy may hold commits that no pack holds, and is kept until a person removes it.</summary>
    public bool IsSafetyCopyCaptured { get; init; }

    /// <summary>The newest position of the database that was replaced.</summary>
    public ulong? ReplacedPosition { get; init; }

    public string? ReplacedTimeline { get; init; }

    /// <summary>The instances that were given the restored database, in order. While it is being put in place or taken back: the last one is the one that it is done for.</summary>
    public IReadOnlyList<RestoreGrant> Grants { get; init; } = [];

    /// <summary>The instance that was given the former database back.</summary>
    public string? RolledBackFor { get; init; }

    /// <summary>The number of the position that was kept as a backup when it was last tried to take the restore back.</summary>
    public ulong? KeptBeforeUndo { get; init; }

    public IReadOnlyList<string> Warnings { get; init; } = [];

    [JsonIgnore]
    public bool HasEnded => State is RestoreState.Confirmed or RestoreState.RolledBack or RestoreState.Cancelled or RestoreState.Failed;

    /// <summary>True: the restored database has the name, as far as the record knows.</summary>
    [JsonIgnore]
    public bool IsInPlace => State is RestoreState.Unconfirmed or RestoreState.Confirmed or RestoreState.RollbackPending or RestoreState.RollingBack;

    [JsonIgnore]
    public DateTimeOffset? RestartBy => StagedAt + RestartWithin;

    /// <summary>As people write it.</summary>
    [JsonIgnore]
    public string PositionText => string.Create(CultureInfo.InvariantCulture, $"{Position}@{Timeline}");

    public bool IsGrantedTo(string instance) => Grants.Any(grant => grant.Instance == instance);

    public RestoreRecord Ended(RestoreState state, string reason, DateTimeOffset at) => this with { State = state, Reason = reason, EndedAt = at };

    public static string NewId() => Guid.NewGuid().ToString("N")[..16];

    /// <summary>True if it can be a part of the names of files.</summary>
    [JsonIgnore]
    public bool IsSound => Id.Length == 16 && Id.All(char.IsAsciiHexDigitLower) && Enum.IsDefined(State) && TimelineId.TryParse(Timeline, out _);
}
