using BackupSidecar.Api;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using RestoreState = BackupSidecar.Contracts.V1.RestoreState;

namespace BackupSidecar.Cli.Documents;

/// <summary>A restore in which the app takes part, as <c>restores</c> shows it. What is not known or does not apply is null.</summary>
internal sealed record AppRestore
{
    public required string RestoreId { get; init; }

    public required string Source { get; init; }

    /// <summary>The database.</summary>
    public required string Path { get; init; }

    /// <summary>As in the contract, in lower case: "staged", "rollback pending".</summary>
    public required string State { get; init; }

    public required string? Reason { get; init; }

    public required ulong Position { get; init; }

    public required string Timeline { get; init; }

    public required DateTimeOffset? Time { get; init; }

    public required string? BackupId { get; init; }

    public required long DatabaseBytes { get; init; }

    public required long StagedBytes { get; init; }

    public required DateTimeOffset? CreatedAt { get; init; }

    public required DateTimeOffset? RestartBy { get; init; }

    public required DateTimeOffset? PlacedAt { get; init; }

    public required DateTimeOffset? ConfirmBy { get; init; }

    public required DateTimeOffset? EndedAt { get; init; }

    public required string? SafetyCopy { get; init; }

    /// <summary>The newest position of the database that was replaced.</summary>
    public required ulong? ReplacedPosition { get; init; }

    public required string? ReplacedTimeline { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public static AppRestore Of(Contracts.V1.Restore restore) => new()
    {
        RestoreId = restore.RestoreId,
        Source = restore.Source,
        Path = restore.Path,
        State = NameOf(restore.State),
        Reason = restore.Reason.Length == 0 ? null : restore.Reason,
        Position = restore.Point?.Position?.Number ?? 0,
        Timeline = restore.Point?.Position?.Timeline ?? "",
        Time = ProtoTime.FromProto(restore.Point?.Time),
        BackupId = restore.Point is { BackupId.Length: > 0 } point ? point.BackupId : null,
        DatabaseBytes = restore.DatabaseBytes,
        StagedBytes = restore.StagedBytes,
        CreatedAt = ProtoTime.FromProto(restore.CreateTime),
        RestartBy = ProtoTime.FromProto(restore.RestartDeadline),
        PlacedAt = ProtoTime.FromProto(restore.PlacedTime),
        ConfirmBy = ProtoTime.FromProto(restore.ConfirmDeadline),
        EndedAt = ProtoTime.FromProto(restore.EndTime),
        SafetyCopy = restore.SafetyCopy.Length == 0 ? null : restore.SafetyCopy,
        ReplacedPosition = restore.ReplacedPosition?.Number,
        ReplacedTimeline = restore.ReplacedPosition?.Timeline,
        Warnings = [.. restore.Warnings],
    };

    /// <summary>A state of a newer sidecar is shown by its number.</summary>
    private static string NameOf(RestoreState state) => Enum.IsDefined(state) ? RestoreStateText.Of((Lifecycle.RestoreState)state) : $"{(int)state}";
}
