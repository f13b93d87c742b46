using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary>Packs of a source that are too short to be any, as a file system leaves files after a power loss: the listing of names shows it, and nothing need be read.</summary>
internal sealed class CutPacks(SourceCatalog catalog)
{
    private const long LengthMin = PackHeader.Size + PackTrailer.Size;

    private readonly HashSet<PackName> _cut = [.. catalog.Packs.Where(pack => pack.Length < LengthMin).Select(pack => pack.Name)];

    /// <summary>One for each.</summary>
    public IEnumerable<OperatorException> Doubts() => catalog.Packs.Where(pack => _cut.Contains(pack.Name)).Select(pack => new OperatorException(
        FailureKind.VerificationFailed,
        $"Pack '{pack.Name}' has {pack.Length} bytes; the smallest possible one has {LengthMin}: it is empty or cut off.",
        "Positions that need it cannot be restored. Bring it back from a copy of the repository; 'verify' shows whether there is other damage."));

    /// <summary>True: there is a way to the position, and such a pack is on it.</summary>
    public bool Spoil(Position position) => _cut.Count > 0 && catalog.CanReach(position) && catalog.ChainTo(position).NewestFirst.Any(pack => _cut.Contains(pack.Name));
}
