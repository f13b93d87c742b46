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

        if (await repository.FindLostRecordsAsync(ct) is { Count: > 0 } lost)
        {
            doubt(lost.ToFailure(repository.Location));
        }

        return sources;
    }
}
