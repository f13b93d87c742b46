using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary>All sources of a repository that can be asked for. One that is damaged does not hide the others.</summary>
internal static class SourceSearch
{
    /// <param name="repository">Where to look.</param>
    /// <param name="doubt">Told of each source that cannot be asked for.</param>
    /// <param name="ct">Ends the search.</param>
    public static async ValueTask<IReadOnlyList<SourceRecord>> FindAllAsync(IRepositoryReader repository, Action<OperatorException> doubt, CancellationToken ct)
    {
        // Before the records: of a source that is registered meanwhile the record comes first.
        var stored = await repository.ListStoredSourcesAsync(ct);
        var sources = new List<SourceRecord>();
        foreach (var name in await repository.ListSourceNamesAsync(ct))
        {
            try
            {
                sources.Add(await repository.FindSourceAsync(name, ct));
            }
            catch (OperatorException e)
            {
                doubt(e);
            }
        }

        foreach (var id in stored.Except(sources.Select(source => source.Id)))
        {
            doubt(new OperatorException(
                FailureKind.VerificationFailed,
                $"{repository.Location} holds packs or backups of source {id}, which no readable record in {RepositoryLayout.SourceFolder} names.",
                "Bring the record back from a copy of the repository. Its name is in the manifests of the source."));
        }

        return sources;
    }
}
