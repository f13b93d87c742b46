using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>The places where we write: repository and state.</summary>
/// <param name="startProbe">See <see cref="DoctorRequest"/>.</param>
/// <param name="databaseDirectories">Where nothing is written.</param>
internal sealed class VolumeExamination(Func<string, System.Diagnostics.Process> startProbe, IReadOnlyCollection<string> databaseDirectories)
{
    private const long FreeBytesMin = 256L << 20;
    private const double FreeShareMin = 0.05;

    /// <param name="path">It need not exist yet.</param>
    /// <param name="what">"repository" or "state".</param>
    /// <param name="probed">Gets the device, if locks and shared memory were tried there.</param>
    /// <param name="ct">Ends the probe.</param>
    public async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(string path, string what, List<ulong> probed, CancellationToken ct)
    {
        var existing = Path.GetFullPath(path);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            if (File.Exists(existing))
            {
                return [new DoctorFinding(what, path, Severity.Unsafe, $"{existing} is a file, and a directory is needed.", "Name a directory, or move the file away.")];
            }

            existing = parent;
        }

        existing = NativeFile.RealPath(existing) ?? existing;

        if (!NativeFile.IsWritable(existing))
        {
            return [new DoctorFinding(what, path, Severity.Unsafe, $"{existing} is not writable for uid {ProcessUser.Id}.", "Give that user the directory, or name another one.")];
        }

        return [FileSystem(existing, path, what), Space(existing, path, what), await ProbeAsync(existing, path, probed, ct)];
    }

    /// <summary>What is not known of the volume of a database, since nothing may be written there.</summary>
    public static DoctorFinding JudgeUnprobed(string database, IReadOnlyList<ulong> probed) =>
        Device(database) is { } device && probed.Contains(device)
            ? new DoctorFinding("coherence", database, Severity.Ok, "Locks and shared memory work between processes on the file system that it shares with repository or state.", Hint: null)
            : new DoctorFinding("coherence", database, Severity.Unknown, "Locks and shared memory between two processes were not tried on this volume, since nothing is written beside a database.", "With the state directory on the same volume (not the same directory) they are tried. Between two virtual machines or hosts they never work.");

    private static DoctorFinding FileSystem(string existing, string path, string what) => FileSystemWarning.For(existing) is { } warning
        ? new DoctorFinding(what, path, Severity.Warning, warning.Replace(" Keep the database on a local file system.", "", StringComparison.Ordinal), "For a repository the lock against a second writer may not work there; the state belongs on a local file system.")
        : new DoctorFinding(what, path, Severity.Ok, "It lies on a file system without known trouble.", Hint: null);

    private static DoctorFinding Space(string existing, string path, string what)
    {
        try
        {
            var drive = new DriveInfo(existing);
            var text = $"{drive.AvailableFreeSpace >> 20} MiB of {drive.TotalSize >> 20} MiB are free.";
            return drive.AvailableFreeSpace < FreeBytesMin || drive.AvailableFreeSpace < drive.TotalSize * FreeShareMin
                ? new DoctorFinding("free space", path, Severity.Warning, text, $"Make room: without it the {what} cannot grow, and captures fail.")
                : new DoctorFinding("free space", path, Severity.Ok, text, Hint: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new DoctorFinding("free space", path, Severity.Unknown, $"The free space cannot be asked: {e.Message}", "Look with df.");
        }
    }

    private async Task<DoctorFinding> ProbeAsync(string existing, string path, List<ulong> probed, CancellationToken ct)
    {
        if (databaseDirectories.Contains(existing))
        {
            return new DoctorFinding("coherence", path, Severity.Unknown, $"Locks and shared memory were not tried: nothing is written into {existing}, where a database lies.", $"Make {path} first, or choose a place outside the database's directory.");
        }

        // A scratch directory of ours, in a directory that is ours or will hold ours.
        var scratch = Directory.CreateDirectory(Path.Join(existing, $".backup-sidecar-doctor-{Guid.NewGuid():N}"));
        try
        {
            var problem = await CoherenceProbe.FindProblemAsync(Path.Join(scratch.FullName, "probe.db"), startProbe, ct);
            if (problem is null && Device(existing) is { } device)
            {
                probed.Add(device);
            }

            return problem is null
                ? new DoctorFinding("coherence", path, Severity.Ok, "SQLite's locks and shared memory work there between two processes.", Hint: null)
                : new DoctorFinding("coherence", path, Severity.Unsafe, $"SQLite's locks or shared memory do not work there between two processes: {problem}.", "Keep databases and state on a local file system of one host. Sandboxes such as gVisor need shared file access.");
        }
        catch (OperatorException e)
        {
            return new DoctorFinding("coherence", path, Severity.Unknown, e.Message, e.Hint);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static ulong? Device(string path)
    {
        try
        {
            return FileIdentity.TryGet(path, out var identity) ? identity.Device : null;
        }
        catch (OperatorException)
        {
            return null;
        }
    }
}
