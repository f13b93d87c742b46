using BackupSidecar.Backup;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>Looks at everything around the databases that could make backups unsafe, and changes nothing beside them.</summary>
/// <remarks>
/// (1) This host: SQLite, clock, inotify              <see cref="HostExamination"/>
/// (2) Each database: mount, owner, links, contents, mode   <see cref="DatabaseExamination"/>
/// (3) Repository and state: file system, space, and whether locks and shared memory work between processes   <see cref="VolumeExamination"/>;
///     whether serve and backup would take them   <see cref="RepositoryExamination"/>
/// </remarks>
internal sealed class DoctorRun(DoctorRequest request, TimeProvider time)
{
    public async Task<IReadOnlyList<DoctorFinding>> ExecuteAsync(CancellationToken ct)
    {
        // (1)
        var findings = new List<DoctorFinding>(new HostExamination(time).Examine(request.Databases.Count));

        // (2)
        foreach (var database in request.Databases)
        {
            findings.AddRange(DatabaseExamination.Examine(database, time));
        }

        // (3)
        var directories = request.Databases.Select(database => RealDirectory(database.Path)).ToHashSet(StringComparer.Ordinal);
        var volumes = new VolumeExamination(request.StartProbe, directories);
        var probed = new List<ulong>();
        foreach (var (path, what) in ((string?, string)[])[(request.Repository, "repository"), (request.State, "state")])
        {
            if (path is not null)
            {
                findings.AddRange(await volumes.ExamineAsync(path, what, probed, ct));
            }
        }

        findings.AddRange(ExamineState(directories));
        if (request.Repository is { } repository)
        {
            findings.Add(await RepositoryExamination.ExamineAsync(repository, ct));
        }

        foreach (var database in request.Databases)
        {
            findings.Add(VolumeExamination.JudgeUnprobed(database.Path, probed));
        }

        return findings;
    }

    /// <summary>By the rules of serve and backup, which refuse it.</summary>
    private IEnumerable<DoctorFinding> ExamineState(IEnumerable<string> directories)
    {
        var finding = request.State is not { } state ? null : directories.Select(directory => Refusal(directory, state)).FirstOrDefault(refusal => refusal is not null);
        return finding is null ? [] : [finding];
    }

    private static DoctorFinding? Refusal(string directory, string state)
    {
        try
        {
            _ = StateDirectory.EnsureUsable(Path.Join(directory, "any"), NativeFile.RealPath(state) ?? state);
            return null;
        }
        catch (OperatorException e)
        {
            return new DoctorFinding("state", state, Severity.Unsafe, e.Message, e.Hint);
        }
    }

    private static string RealDirectory(string database)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(database))!;
        return NativeFile.RealPath(directory) ?? directory;
    }
}
