using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The packs that rebuild one position, newest first; the last one is a full.</summary>
internal sealed record PackChain(Position Position, IReadOnlyList<PackEntry> NewestFirst)
{
    public PackEntry Full => NewestFirst[^1];

    public PackEntry Tip => NewestFirst[0];

    public long Bytes => NewestFirst.Sum(pack => pack.Length);
}
