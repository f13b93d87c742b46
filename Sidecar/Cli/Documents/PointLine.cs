using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>One position of <c>list --points</c>.</summary>
internal sealed record PointLine
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "point";

    public required string Source { get; init; }

    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    /// <summary>Of the capture; where only a backup is left of the position, of the backup.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The newest backup that keeps it, if one does.</summary>
    public required string? BackupId { get; init; }

    /// <summary>False: a pack is missing, or too short to be one.</summary>
    public required bool Restorable { get; init; }
}
