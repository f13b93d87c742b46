using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>What lies in the place of the repository, by the rules of those who would write there.</summary>
internal static class RepositoryExamination
{
    private const string Check = "repository";

    public static async ValueTask<DoctorFinding> ExamineAsync(string path, CancellationToken ct)
    {
        try
        {
            var store = new FileSystemStore(path);
            if (!await BackupRepository.EnsureMayBeOneAsync(store, ct))
            {
                return new DoctorFinding(Check, path, Severity.Ok, "There is no repository yet; the first 'backup' or 'serve' makes one.", Hint: null);
            }

            var repository = await BackupRepository.OpenForReadingAsync(store, ct);
            if (await repository.FindLostRecordsAsync(ct) is { Count: > 0 } lost)
            {
                throw lost.ToFailure(repository.Location);
            }

            var sources = await repository.ListSourcesAsync(ct);
            return new DoctorFinding(Check, path, Severity.Ok, $"There is a repository, id {repository.Id}; its sources: {(sources.Count == 0 ? "none yet" : string.Join(", ", sources.Select(source => source.Name)))}. 'verify' proves what is stored.", Hint: null);
        }
        catch (OperatorException e)
        {
            return new DoctorFinding(Check, path, Severity.Unsafe, e.Message, e.Hint);
        }
    }
}
