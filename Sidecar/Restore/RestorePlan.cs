using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>What a restore will read and what comes out.</summary>
/// <param name="Source">Whose database.</param>
/// <param name="Point">The position and its time.</param>
/// <param name="Chain">The packs, newest first.</param>
/// <param name="Shape">Of the database.</param>
/// <param name="Fingerprint">What the result must add up to.</param>
internal sealed record RestorePlan(SourceRecord Source, RestorePoint Point, PackChain Chain, DatabaseShape Shape, Fingerprint Fingerprint);
