using System.Globalization;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>What all databases of this host share.</summary>
internal sealed class HostExamination(TimeProvider time)
{
    private const string Subject = "this host";
    private const string InotifyLimits = "/proc/sys/fs/inotify/";

    /// <summary>A few files a database are watched, and other programs of the user count too.</summary>
    private const int WatchesEach = 3;
    private const int WatchesSpare = 128;

    /// <summary>Before this program was written.</summary>
    private static readonly DateTimeOffset EarliestNow = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LatestNow = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IEnumerable<DoctorFinding> Examine(int databases)
    {
        yield return Sqlite();
        yield return Clock();
        yield return Inotify(databases);
    }

    private static DoctorFinding Sqlite()
    {
        try
        {
            SqliteRuntime.EnsureLoaded();
            return new DoctorFinding("sqlite", Subject, Severity.Ok, $"This program reads with SQLite {SqliteVersion.Text(SqliteRuntime.VersionNumber)}, the version it is proved with.", Hint: null);
        }
        catch (OperatorException e)
        {
            return new DoctorFinding("sqlite", Subject, Severity.Unsafe, e.Message, e.Hint);
        }
    }

    private DoctorFinding Clock()
    {
        var now = time.GetUtcNow();
        return now < EarliestNow || now > LatestNow
            ? new DoctorFinding("clock", Subject, Severity.Warning, $"The clock says {now:yyyy-MM-dd}: restores by time would look in the wrong place.", "Set the clock (NTP). Positions keep their order without it.")
            : new DoctorFinding("clock", Subject, Severity.Ok, $"The clock says {now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} UTC. Whether it is exact was not checked.", Hint: null);
    }

    private static DoctorFinding Inotify(int databases)
    {
        if (ReadLimit("max_user_watches") is not { } watches || ReadLimit("max_user_instances") is not { } instances)
        {
            return new DoctorFinding("inotify", Subject, Severity.Unknown, $"The limits in {InotifyLimits} cannot be read.", "Without inotify commits are found by looking every few seconds.");
        }

        var needed = (databases * WatchesEach) + WatchesSpare;
        return watches < needed || instances < 1
            ? new DoctorFinding("inotify", Subject, Severity.Warning, $"This user may have {watches} inotify watches and {instances} instances; {needed} watches are wanted.", $"Raise fs.inotify.max_user_watches to {needed} or more. Without inotify commits are found by looking every few seconds.")
            : new DoctorFinding("inotify", Subject, Severity.Ok, $"This user may have {watches} inotify watches and {instances} instances.", Hint: null);
    }

    private static long? ReadLimit(string name)
    {
        try
        {
            return long.Parse(File.ReadAllText(InotifyLimits + name), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
