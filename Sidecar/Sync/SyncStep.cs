using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>One pack that a remote repository is to get.</summary>
/// <param name="From">Where it starts there; none: a full.</param>
/// <param name="To">The position that it makes restorable there.</param>
/// <param name="Packs">The local packs that it is made of, oldest first.</param>
/// <param name="IsCompared">True: the local packs rebuild the whole position, and what differs from <paramref name="From"/> is found by page hashes.</param>
internal sealed record SyncStep(Position From, Position To, IReadOnlyList<PackEntry> Packs, bool IsCompared)
{
    public long Bytes => Packs.Sum(pack => pack.Length);

    /// <summary>The one local pack says the same already: it is passed on block for block.</summary>
    public bool IsForwarded => !IsCompared && Packs.Count == 1;

    /// <summary>Under which the pack lies there: a forwarded one keeps its id.</summary>
    /// <param name="remote">The repository that gets it.</param>
    public PackId PackIn(RepositoryId remote) => IsForwarded ? Packs[0].Name.Pack : MergedPackId.Of(IsCompared ? "compared" : "merged", remote, From, Packs);
}
