using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>One database, looked at without writing anything beside it.</summary>
internal static class DatabaseExamination
{
    private const int AttemptsMax = 3;
    private static readonly TimeSpan FutureMax = TimeSpan.FromMinutes(1);

    /// <summary>Tables that other replicators keep in the databases they follow.</summary>
    private static readonly (string Prefix, string Program)[] Replicators =
    [
        ("_litestream_", "Litestream"),
        ("crsql_", "cr-sqlite or Corrosion"),
        ("__corro_", "Corrosion"),
        ("__marmot__", "Marmot"),
    ];

    public static IReadOnlyList<DoctorFinding> Examine(DoctorDatabase database, TimeProvider time)
    {
        var path = database.Path;
        SourceFile file;
        try
        {
            file = SourceFile.Resolve(path);
        }
        catch (OperatorException e)
        {
            // A database that its app has not made yet is waited for.
            var isMissing = e.Kind == FailureKind.Failed && !File.Exists(path) && AccessRefusal.Find(path) is null;
            return [new DoctorFinding("mount", path, isMissing ? Severity.Warning : Severity.Unsafe, e.Message, e.Hint)];
        }

        return
        [
            new DoctorFinding("mount", path, Severity.Ok, "The database's directory is what is mounted, so that its -wal can be seen.", Hint: null),
            FileSystem(file),
            Access(file),
            Links(file),
            Clock(file, time),
            .. Content(file, database.Assisted, time),
        ];
    }

    private static DoctorFinding FileSystem(SourceFile file) => FileSystemWarning.For(file.Path) is { } warning
        ? new DoctorFinding("file system", file.Path, Severity.Warning, warning, "Keep the database on a local file system. On this one app and sidecar must at least run on the same host.")
        : new DoctorFinding("file system", file.Path, Severity.Ok, "It lies on a file system without known trouble.", Hint: null);

    private static DoctorFinding Access(SourceFile file)
    {
        var user = ProcessUser.Id;
        _ = NativeFile.Stat(file.Path, out var database);
        string[] files = [.. ((string[])[file.Path, file.Path + SourceFile.WalSuffix, file.Path + SourceFile.ShmSuffix]).Where(File.Exists)];
        if (AccessRefusal.Find(file.Path) is { } refusal)
        {
            return new DoctorFinding("access", file.Path, Severity.Unsafe, refusal.Message, refusal.Hint);
        }

        foreach (var name in files.Skip(1))
        {
            _ = NativeFile.Stat(name, out var stat);
            if (stat.Owner != database.Owner)
            {
                return new DoctorFinding("access", file.Path, Severity.Warning, $"{name} belongs to uid {stat.Owner}, the database to uid {database.Owner}: the app may be locked out.", "Find out which other program opens the database under another uid.");
            }
        }

        return files.FirstOrDefault(name => name.EndsWith(SourceFile.ShmSuffix, StringComparison.Ordinal) && !NativeFile.IsWritable(name)) is { } shared
            ? new DoctorFinding("access", file.Path, Severity.Warning, $"{shared} is not writable for uid {user}: the database can be read only while the app keeps it valid.", $"Run the sidecar as uid {database.Owner}, or give both a common group with umask 002.")
            : new DoctorFinding("access", file.Path, Severity.Ok, $"The database belongs to uid {database.Owner} with mode {database.Permissions} and can be read by uid {user}.", Hint: null);
    }

    private static DoctorFinding Links(SourceFile file)
    {
        if (file.Identity.LinkCount <= 1)
        {
            return new DoctorFinding("hard links", file.Path, Severity.Ok, "The file has one name.", Hint: null);
        }

        var error = SourceErrors.LogElsewhere(file.Path, file.Identity.LinkCount);
        return file.HasWal
            ? new DoctorFinding("hard links", file.Path, Severity.Warning, $"The file has {file.Identity.LinkCount} names. Now its -wal is at this one, and it is safe while every app uses this name.", error.Hint)
            : new DoctorFinding("hard links", file.Path, Severity.Unsafe, $"The file has {file.Identity.LinkCount} names: an app that opens it under another one keeps its -wal there, so that commits would be missed.", error.Hint);
    }

    private static DoctorFinding Clock(SourceFile file, TimeProvider time)
    {
        var ahead = File.GetLastWriteTimeUtc(file.Path) - time.GetUtcNow().UtcDateTime;
        return ahead > FutureMax
            ? new DoctorFinding("clock", file.Path, Severity.Warning, $"The file was written {ahead.TotalMinutes:0} minutes in the future of this host's clock.", "Set the clocks of this host and of whoever writes the file (NTP).")
            : new DoctorFinding("clock", file.Path, Severity.Ok, "The file was not written in the future.", Hint: null);
    }

    private static IEnumerable<DoctorFinding> Content(SourceFile file, SourceDefinition? assisted, TimeProvider time)
    {
        if (!NativeFile.IsReadable(file.Path))
        {
            return [];
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var image = SourceDatabase.OpenImage(file, hold: false, time);
                return [.. Describe(file.Path, image.Facts), .. Assist(file.Path, assisted, image.Facts), Other(file.Path, SchemaTables.Read(image))];
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // Once more.
            }
            catch (ImageChangedException e)
            {
                return [new DoctorFinding("content", file.Path, Severity.Unknown, $"It changed while it was looked at: {e.Message}.", "Run doctor again when the app has started.")];
            }
            catch (OperatorException e)
            {
                return [new DoctorFinding("content", file.Path, e.Kind == FailureKind.DatabaseInUse ? Severity.Warning : Severity.Unsafe, e.Message, e.Hint)];
            }
        }
    }

    private static IEnumerable<DoctorFinding> Describe(string path, ImageFacts facts)
    {
        yield return facts.IsWal || facts.Shape.PageCount == 0
            ? new DoctorFinding("journal", path, Severity.Ok, facts.Shape.PageCount == 0 ? "The database is empty." : "It is in WAL mode: commits are captured from the log.", Hint: null)
            : new DoctorFinding("journal", path, Severity.Warning, "It has a rollback journal: each capture reads the whole database, and holds up commits meanwhile.", "Where the app allows it, PRAGMA journal_mode=WAL makes captures cheap.");
        if (facts.SqliteVersionNumber == 0)
        {
            yield break;
        }

        var version = SqliteVersion.Text(facts.SqliteVersionNumber);
        yield return SqliteVersion.HasCheckpointBug(facts.SqliteVersionNumber)
            ? new DoctorFinding("app's sqlite", path, Severity.Ok, $"The header was last written by SQLite {version}, a hint only. SQLite 3.7.0 to 3.51.2 can lose commits when two processes checkpoint; this program does so in no mode with such an app.", "The mode assist is not for this app. Let no other program checkpoint this database, such as the sqlite3 shell or another replicator; better, update the app's SQLite.")
            : new DoctorFinding("app's sqlite", path, Severity.Ok, $"The header was last written by SQLite {version}, a hint only. It is free of the fault that forbids the mode assist.", Hint: null);
    }

    /// <summary>It refuses by itself what is not safe; what it cannot do is better known before the log has filled the disk.</summary>
    private static IEnumerable<DoctorFinding> Assist(string path, SourceDefinition? assisted, ImageFacts facts)
    {
        if (assisted is null)
        {
            return [];
        }

        const string WithoutIt = "Until then the log is left to the app, as in the mode observe.";
        if (LogAssist.ReasonAgainst(assisted, facts.SqliteVersionNumber) is { } reason)
        {
            return [new DoctorFinding("assist", path, Severity.Warning, $"The mode assist will do nothing: {reason}.", WithoutIt)];
        }

        if (!NativeFile.IsWritable(path))
        {
            return [new DoctorFinding("assist", path, Severity.Warning, $"The mode assist will do nothing: uid {ProcessUser.Id} may not write to the database.", $"Run the sidecar as a user who may, or configure the mode observe. {WithoutIt}")];
        }

        return facts.IsWal || facts.Shape.PageCount == 0
            ? [new DoctorFinding("assist", path, Severity.Ok, $"A log that grows past {assisted.WalLimitBytes >> 20} MB can be copied into the database: SQLite {SqliteVersion.Text(assisted.AppSqliteVersion!.Value)} is configured, and the header does not speak against it.", Hint: null)]
            : [new DoctorFinding("assist", path, Severity.Warning, "The mode assist will do nothing: the database has no write-ahead log.", "Configure the mode observe, or PRAGMA journal_mode=WAL in the app.")];
    }

    private static DoctorFinding Other(string path, IReadOnlyList<string> tables)
    {
        var folder = Path.Join(Path.GetDirectoryName(path), $".{Path.GetFileName(path)}-litestream");
        var found = Replicators.Where(replicator => tables.Any(table => table.StartsWith(replicator.Prefix, StringComparison.OrdinalIgnoreCase))).Select(replicator => replicator.Program)
            .Concat(Directory.Exists(folder) ? ["Litestream"] : []).Distinct().ToList();
        return found.Count == 0
            ? new DoctorFinding("replicators", path, Severity.Ok, "No trace of another replicator was found.", Hint: null)
            : new DoctorFinding("replicators", path, Severity.Warning, $"Traces of {string.Join(" and ", found)} were found: another replicator takes over checkpoints, so that the log grows and captures become dearer.", "If it does not run any more, its traces are harmless. If it does, let one of the two follow this database.");
    }
}
