using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary>Which pack a person means.</summary>
internal static class PackSearch
{
    private const int PrefixLengthMin = 4;
    private const int CandidatesShownMax = 5;

    /// <param name="repository">Where to look.</param>
    /// <param name="text">An object name, a path that ends in one, a file name, or the first digits of the id of a pack or of a backup.</param>
    /// <param name="ct">Ends the search.</param>
    /// <exception cref="OperatorException">None or several fit.</exception>
    public static async ValueTask<(PackName Name, SourceRecord Source)> FindAsync(IRepositoryReader repository, string text, CancellationToken ct)
    {
        if (text.Length < PrefixLengthMin)
        {
            throw new OperatorException(FailureKind.Failed, $"'{text}' is too short for a pack.", $"Give at least the first {PrefixLengthMin} digits of its id, or its name: 'verify' and 'list --json' show them.");
        }

        var found = new Dictionary<PackName, SourceRecord>();
        foreach (var source in await SourceSearch.FindAllAsync(repository, _ => { }, ct))
        {
            var catalog = await repository.ReadCatalogAsync(source, ct);
            foreach (var pack in catalog.Packs.Where(pack => IsMeant(pack.Name, text)))
            {
                found[pack.Name] = source;
            }

            foreach (var entry in catalog.Manifests.Where(entry => StartsWith(entry.Name.Backup, text)))
            {
                found[(await repository.ReadManifestAsync(entry, ct)).Pack.Name] = source;
            }
        }

        return found.Count switch
        {
            1 => (found.First().Key, found.First().Value),
            0 => throw new OperatorException(
                FailureKind.Failed,
                $"{repository.Location} has no pack or backup '{text}'.",
                "Give the name of a pack, or the first digits of the id of a pack or backup: 'list' shows the backups."),
            _ => throw new OperatorException(
                FailureKind.Failed,
                $"'{text}' fits {found.Count} packs of {repository.Location}.",
                $"Give more digits: {string.Join(", ", found.Keys.Take(CandidatesShownMax).Select(name => name.Pack.ToString()))}."),
        };
    }

    private static bool IsMeant(PackName name, string text)
    {
        var objectName = name.ToString();
        return StartsWith(name.Pack, text) || objectName == text || text.EndsWith("/" + objectName, StringComparison.Ordinal) || objectName.EndsWith("/" + text, StringComparison.Ordinal);
    }

    private static bool StartsWith<TKind>(Id128<TKind> id, string text) => id.ToString().StartsWith(text, StringComparison.OrdinalIgnoreCase);
}
