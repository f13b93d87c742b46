using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>What a capture starts from.</summary>
/// <param name="Source">Whose pages.</param>
/// <param name="Baseline">Null: a full.</param>
/// <param name="Next">The number of the new position, if there is a change.</param>
/// <param name="State">Where page hashes and spools go.</param>
internal sealed record CapturePlan(SourceRecord Source, Baseline? Baseline, TransactionId Next, StateDirectory State)
{
    /// <summary>Null, or what shows that commits which were captured are gone from the database: a new timeline begins.</summary>
    public string? LostCommits { get; init; }
}
