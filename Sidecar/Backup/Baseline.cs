using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Backup;

/// <summary>The newest position that the repository can rebuild, with the hash of each of its pages: what the next changeset starts from.</summary>
/// <param name="Chain">Its packs.</param>
/// <param name="TipDigest">The digest that the trailer of its newest pack ends with.</param>
/// <param name="Table">Its page hashes, and what is known of the file.</param>
/// <param name="Origin">Where the table comes from.</param>
/// <param name="NotLocalBecause">What was wrong with the local table, as a clause; null: it is the local one.</param>
internal sealed record Baseline(PackChain Chain, Sha256Digest TipDigest, PageHashTable Table, BaselineOrigin Origin, string? NotLocalBecause) : IDisposable
{
    public Position Position => Chain.Position;

    public Fingerprint Fingerprint => Table.Fingerprint;

    public DatabaseShape Shape => Table.Shape;

    /// <summary>Nothing is known of the file at this position, so that commits may have been lost since. The table remembers it until the next capture.</summary>
    public bool IsStateLost => !Table.State.File.IsKnown;

    /// <summary>Where a capture may go on in the write-ahead log, or null.</summary>
    public WalCursor? Log => Origin == BaselineOrigin.Local ? Table.State.Log : null;

    public void Dispose() => Table.Dispose();
}
