using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A protected database as the repository knows it. Its name is unique there and never changes its id.</summary>
/// <param name="Id">Its packs are under it.</param>
/// <param name="Name">Given once.</param>
/// <param name="Place">Where the database was that took the name; null: recorded before version 2.</param>
internal sealed record SourceRecord(SourceId Id, string Name, SourcePlace? Place = null)
{
    /// <summary>Positions up to this one were used in other repositories before this one knew the source: its own come after. None: there were none, or recorded before version 3.</summary>
    public TransactionId NumbersAfter { get; init; }
}
