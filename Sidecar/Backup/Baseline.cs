using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>The newest position that the repository can rebuild, with the hash of each of its pages: what the next changeset starts from.</summary>
/// <param name="Chain">Its packs.</param>
/// <param name="TipDigest">The digest that the trailer of its newest pack ends with.</param>
/// <param name="Table">Its page hashes.</param>
/// <param name="RebuiltBecause">Null: the table is the local one. Else what was wrong with that, as a clause; the table comes from the repository's page indexes.</param>
internal sealed record Baseline(PackChain Chain, Sha256Digest TipDigest, PageHashTable Table, string? RebuiltBecause) : IDisposable
{
    public Position Position => Chain.Position;

    public Fingerprint Fingerprint => Table.Header.Fingerprint;

    public DatabaseShape Shape => Table.Header.Shape;

    public void Dispose() => Table.Dispose();
}
