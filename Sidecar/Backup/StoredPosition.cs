using BackupSidecar.Primitives;

namespace BackupSidecar.Backup;

/// <summary>A position that the repository can rebuild: a pack was put, or nothing had changed since the newest one.</summary>
/// <param name="Capture">What was captured. It holds neither the database nor files any more.</param>
/// <param name="Warnings">What will make the next capture cost more.</param>
/// <param name="Doubts">What is wrong with older packs. This position does not depend on them.</param>
internal sealed record StoredPosition(ChangesetCapture Capture, IReadOnlyList<string> Warnings, IReadOnlyList<OperatorException> Doubts)
{
    public Position Position => Capture.Position;

    /// <summary>Why a new timeline began, or null: the timeline went on, or this is the first position.</summary>
    public string? NewTimelineReason => Capture.IsChanged && Capture.Plan.Baseline is not null ? Capture.NewTimelineReason : null;
}
