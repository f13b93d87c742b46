using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>What is stored of sources whose records are lost: under a new record of the same name it would be out of sight, as if it were gone.</summary>
internal static class LostRecords
{
    /// <remarks>What a listing does not show yet is not found: only what is found says anything.</remarks>
    public static async ValueTask<IReadOnlyList<LostRecord>> FindLostRecordsAsync(this IRepositoryReader repository, CancellationToken ct)
    {
        // Before the records: of a source that is registered meanwhile the record comes first.
        var stored = await repository.ListStoredSourcesAsync(ct);
        if (stored.Count == 0)
        {
            return [];
        }

        var known = new HashSet<SourceId>();
        var unreadable = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in await repository.ListSourceNamesAsync(ct))
        {
            try
            {
                _ = known.Add((await repository.FindSourceAsync(name, ct)).Id);
            }
            catch (DocumentFormatException)
            {
                // It is told to whoever asks for that source, and hinders no other one.
                _ = unreadable.Add(name);
            }
        }

        var lost = new List<LostRecord>();
        foreach (var id in stored.Except(known).Order(Comparer<SourceId>.Create((one, other) => one.Value.CompareTo(other.Value))))
        {
            var told = await ReadNewestAsync(repository, id, ct);
            if (told is null || !unreadable.Contains(told.Name))
            {
                lost.Add(new LostRecord(id, told));
            }
        }

        return lost;
    }

    /// <param name="lost">What was found; not empty.</param>
    /// <param name="subject">What the sentence begins with: what was wanted, and where.</param>
    /// <param name="first">What else helps; or empty.</param>
    public static OperatorException ToFailure(this IReadOnlyList<LostRecord> lost, string subject, string first = "") => new(
        FailureKind.VerificationFailed,
        $"{subject} holds packs or backups of {(lost.Count == 1 ? "a source whose name is lost" : "sources whose names are lost")}: {string.Join(", ", lost)}; no readable record in {RepositoryLayout.SourceFolder} names {(lost.Count == 1 ? "it" : "them")}.",
        $"{first}{HintFor(lost[0])}");

    public static string HintFor(LostRecord lost)
    {
        var name = lost.Told?.Name ?? "NAME";
        return $"Bring back '{RepositoryLayout.SourceFolder}{name}{RepositoryLayout.SourceSuffix}' from a copy of this repository, or have it written anew: "
            + $"'backup-sidecar repository repair-source --id {lost.Id} --source {name}' with --repository DIR, or with --config FILE and --repository-name NAME.";
    }

    private static async ValueTask<ManifestSource?> ReadNewestAsync(IRepositoryReader repository, SourceId id, CancellationToken ct)
    {
        var catalog = await repository.ReadCatalogAsync(new SourceRecord(id, id.ToString()), ct);
        foreach (var entry in catalog.Manifests.OrderByDescending(entry => entry.Name.CreatedAtMicroseconds))
        {
            try
            {
                return (await repository.ReadManifestAsync(entry, ct)).Source;
            }
            catch (OperatorException e) when (e.Kind == FailureKind.VerificationFailed || e is ObjectMissingException)
            {
                // An older one tells it as well.
            }
        }

        return null;
    }
}
