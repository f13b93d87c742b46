using System.Net;
using BackupSidecar.Following;
using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Source;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>Every key of the configuration: its default, what it can be, and its effect. docs/configuration.md is held against this file.</summary>
internal static class OptionsReader
{
    /// <summary>Reads all of it, and finds every problem. With problems the options are not to be used.</summary>
    public static SidecarOptions Read(SectionReader root)
    {
        var options = new SidecarOptions
        {
            RepositoryPath = ReadRepository(root.Section("repository")),
            Remotes = [.. root.Sections("remotes").Select(RemotesReader.Read)],
            StatePath = ReadState(root.Section("state"), out var instance),
            Instance = instance,
            Sources = [.. root.Sections("sources").Select(ReadSource)],
            Compaction = ReadCompaction(root.Section("compaction")),
            Backups = ReadBackups(root.Section("backups")),
            Restore = ReadRestore(root.Section("restore")),
            Shutdown = ReadShutdown(root.Section("shutdown")),
            Service = ReadService(root.Section("service")),
            Log = ReadLog(root.Section("log")),
        };
        root.RefuseUnknown();
        RefuseNone(root);
        RefuseSame(root, options.Sources);
        RemotesReader.Check(root, options.RepositoryPath, options.Remotes);
        return options;
    }

    private static string ReadRepository(SectionReader section)
    {
        var path = section.Path("path", "The directory of the repository, which is made if it does not exist.");
        if (path is null && !section.Has("path"))
        {
            section.Refuse("path", "is missing: name the directory of the repository (on the command line with --repository).");
        }

        return path ?? "";
    }

    private static string? ReadState(SectionReader section, out string? instance)
    {
        var path = section.Path(
            "path", "Where page hashes and the sockets of the service are kept, never beside a database; without it `$XDG_STATE_HOME/backup-sidecar` or `~/.local/state/backup-sidecar`.");
        instance = section.Name(
            "instance", "The name of this sidecar, under which it holds the lease of each remote repository; without it the name of the host. A new host with the same name goes on where the old one was.");
        return path;
    }

    private static SourceOptions ReadSource(SectionReader section)
    {
        var defaults = new SourceOptions();
        var source = defaults with
        {
            Name = section.Name("name", "The name in the repository, or for a directory what each name begins with; without it the file's name without extension."),
            Path = section.Path("path", "The database; it need not exist yet."),
            Directory = section.Path("directory", "In place of `path`: a directory in which databases are looked for."),
            Glob = section.Text(
                "glob", defaults.Glob, "a pattern with * and ?, with / for directories below, such as \"*.db\" or \"*/data.db\"", "Which files of the directory are databases; only those count that start as one, or are empty.",
                text => FindMistakeInGlob(text)) ?? defaults.Glob,
            Exclude = section.Texts("exclude", [], "*.tmp.db", "Patterns of files of the directory that are left out."),
            Rescan = section.Duration("rescan", defaults.Rescan, SourceOptions.RescanMin, SourceOptions.RescanMax, "How often the directory is looked through for new and vanished databases."),
            Enabled = section.Flag("enabled", defaults.Enabled, "With false the source is paused: shown, and not followed."),
            Mode = section.Choice("mode", defaults.Mode, "How far the sidecar goes to keep up: observe only reads, and leaves every checkpoint to the app; assist copies a log that has grown past its limit into the database, so that the app starts it anew."),
            AppSqliteVersion = ReadAppVersion(section),
            WalLimitMegabytes = section.Number(
                "walLimitMegabytes", defaults.WalLimitMegabytes, 1, SourceOptions.WalLimitMegabytesMax, "Mode assist: how much the log may hold."),
            Interval = section.Duration("interval", defaults.Interval, TimeSpan.Zero, SourceOptions.IntervalMax, "Commits that come within this time after a capture are captured together; 0s captures each at once."),
            RollbackJournalInterval = section.Duration(
                "rollbackJournalInterval", defaults.RollbackJournalInterval, SourceOptions.RollbackJournalIntervalMin, SourceOptions.RollbackJournalIntervalMax,
                "The same for a database without a write-ahead log, where each capture reads the whole database."),
            Scrub = section.Duration(
                "scrub", defaults.Scrub, SourceOptions.ScrubMin, SourceOptions.ScrubMax,
                "How often every page of the live database is compared with what was captured, slowly, in at most a hundredth of the time; a database without a write-ahead log is compared by each capture."),
            Compression = section.Choice("compression", defaults.Compression, "How hard pages are compressed: light is about as fast as the disk, heavy several times slower and about a tenth smaller."),
            StartEmpty = section.Flag(
                "startEmpty", defaults.StartEmpty, "What an app is told that asks for a database which is missing while there is no backup of it: with true it may start with an empty one, otherwise it is refused."),
            BackupEvery = section.Duration(
                "backupEvery", defaults.BackupEvery, TimeSpan.Zero, SourceOptions.RunEveryMax, "How often the newest position is kept as a backup, with the label \"scheduled\"; 0s: only when somebody asks."),
            DrillEvery = section.Duration(
                "drillEvery", defaults.DrillEvery, TimeSpan.Zero, SourceOptions.RunEveryMax, "How often the newest position is restored to the temporary directory (TMPDIR), checked and removed, to prove that it restores and how long that takes; 0s: only when somebody asks."),
        };
        RefuseMixture(section);
        RefuseHalfAssist(section, source.Mode);
        return source;
    }

    private static uint? ReadAppVersion(SectionReader section)
    {
        var text = section.Text(
            "appSqliteVersion", null, "a version such as 3.51.3", "Mode assist, which needs it: the SQLite that the app uses (SELECT sqlite_version() there), and no other program that opens the database has an older one.",
            text => !SqliteVersion.TryParse(text, out var version) ? "a version is three numbers with points"
                : SqliteVersion.HasCheckpointBug(version) ? "SQLite 3.7.0 to 3.51.2 can lose commits when two processes checkpoint, but for 3.44.6 and later of 3.44, and 3.50.7 and later of 3.50: update the app's SQLite, or stay with observe"
                : null);
        return text is not null && SqliteVersion.TryParse(text, out var number) ? number : null;
    }

    /// <summary>Assist is asked for with all that it needs, or not at all.</summary>
    private static void RefuseHalfAssist(SectionReader section, CaptureMode mode)
    {
        if (mode == CaptureMode.Assist && !section.Has("appSqliteVersion"))
        {
            section.Refuse("appSqliteVersion", "is missing: the mode assist needs to know which SQLite the app uses.");
        }

        foreach (var key in mode == CaptureMode.Assist ? [] : (string[])["appSqliteVersion", "walLimitMegabytes"])
        {
            if (section.Has(key))
            {
                section.Refuse(key, "goes with \"mode\": \"assist\" only.");
            }

            _ = section.Effective.Remove(key);
        }
    }

    private static CompactionSettings ReadCompaction(SectionReader section)
    {
        var defaults = new CompactionSettings();
        return new CompactionSettings
        {
            Enabled = section.Flag("enabled", defaults.Enabled, "With false nothing is merged: every capture stays a pack of its own, and a restore reads them all."),
            Window = section.Duration(
                "window", defaults.Window, CompactionSettings.WindowMin, CompactionSettings.WindowMax,
                "How long every capture stays a restore point. Older ones give way to the last of each span of the levels."),
            Levels = ReadLevels(section, defaults.Levels),
            FullAfter = section.Duration("fullAfter", defaults.FullAfter, CompactionSettings.FullAfterMin, CompactionSettings.FullAfterMax, "How old the newest full becomes before a new one is merged."),
            Grace = section.Duration(
                "grace", defaults.Grace, CompactionSettings.GraceMin, CompactionSettings.GraceMax, "How long a merged pack stays readable before it is deleted, so that a restore that reads it can finish."),
        };
    }

    private static IReadOnlyList<CompactionLevel> ReadLevels(SectionReader section, IReadOnlyList<CompactionLevel> defaults)
    {
        var levels = new List<CompactionLevel>();
        foreach (var text in section.Texts(
            "levels", [.. defaults.Select(LevelText.Of)], "1m for 1d",
            "The last point of each span stays, for so long; in the last level for good. Each span is a multiple of the one before it. More levels make restores read fewer packs, and write what changes once more each."))
        {
            if (!LevelText.TryParse(text, out var level))
            {
                section.Refuse("levels", $"'{text}' is no level: a level is a span and how long its points are kept, such as \"1m for 1d\", or for the last one its span alone.");
                return defaults;
            }

            levels.Add(level);
        }

        if (levels.Count > 0 && levels.FindIndex(level => level.KeepPoints == TimeSpan.MaxValue) != levels.Count - 1)
        {
            section.Refuse("levels", "the last level, and only that one, is a span alone: its points are kept for good.");
        }
        else if (new CompactionPolicyOptions { Levels = levels }.FindProblem() is { } problem)
        {
            section.Refuse("levels", problem);
        }

        return levels;
    }

    private static BackupSettings ReadBackups(SectionReader section) => new()
    {
        DeleteGrace = section.Duration(
            "deleteGrace", new BackupSettings().DeleteGrace, TimeSpan.Zero, BackupSettings.DeleteGraceMax, "How long a backup that was deleted can be brought back, before its manifest is removed."),
    };

    private static RestoreSettings ReadRestore(SectionReader section)
    {
        var defaults = new RestoreSettings();
        return new RestoreSettings
        {
            ConfirmWithin = section.Duration(
                "confirmWithin", defaults.ConfirmWithin, RestoreSettings.ConfirmWithinMin, RestoreSettings.ConfirmWithinMax,
                "How long an app has to confirm a restore that was put in place when it started; after that the database from before comes back at its next start."),
            KeepOld = section.Duration(
                "keepOld", defaults.KeepOld, TimeSpan.Zero, RestoreSettings.KeepOldMax, "How long the database from before a restore stays beside the new one after the restore was confirmed or taken back; so long it can be undone."),
        };
    }

    private static ShutdownOptions ReadShutdown(SectionReader section)
    {
        var defaults = new ShutdownOptions();
        var shutdown = new ShutdownOptions
        {
            Deadline = section.Duration(
                "deadline", defaults.Deadline, ShutdownOptions.DeadlineMin, ShutdownOptions.DeadlineMax,
                "How long after SIGTERM the process ends at the latest; keep it below the time after which it is killed (Docker and Compose 10 s, Kubernetes 30 s)."),
            Reserve = section.Duration(
                "reserve", defaults.Reserve, TimeSpan.Zero, ShutdownOptions.DeadlineMax, "How long before the deadline the final capture begins, even if an app is still attached."),
        };
        if (shutdown.Reserve >= shutdown.Deadline)
        {
            section.Refuse("reserve", $"{DurationText.Of(shutdown.Reserve)} is not shorter than the deadline of {DurationText.Of(shutdown.Deadline)}.");
        }

        return shutdown;
    }

    private static ServiceOptions ReadService(SectionReader section)
    {
        var service = new ServiceOptions
        {
            AppSocket = section.Path("appSocket", "The Unix socket for the app, on a volume that both see; its directory is made if it does not exist. Without it `app/sidecar.sock` in the state directory, which only the same user can reach."),
            AppSocketGroup = section.OptionalNumber("appSocketGroup", 0, ServiceOptions.GroupMax, "The id of the group that may connect to that socket; without it the group of the process."),
            Listen = Address(section, "listen", isLoopback: true, "A TCP address for operators as well, on this machine only; it needs tokenFile. Other addresses are refused: there is no TLS yet."),
            GrpcWebListen = Address(section, "grpcWebListen", isLoopback: true, "The same for gRPC-Web, which browsers speak, over HTTP/1.1; it needs tokenFile."),
            TokenFile = section.Path("tokenFile", "A file whose first line is the token that every call to those addresses carries (`authorization: Bearer TOKEN`): 16 to 500 characters, readable for the owner alone. It is read at the start."),
            MonitorListen = Address(section, "monitorListen", isLoopback: false, "An address for probes and metrics over HTTP/1.1: /livez, /readyz, /startupz and /metrics. Whoever can reach it can ask; nothing there changes anything or names anything."),
            MonitorGrpcListen = Address(section, "monitorGrpcListen", isLoopback: false, "An address for grpc.health.v1, which HTTP/1.1 cannot share a port with; nothing else can be called there."),
            MonitorNames = section.Flag("monitorNames", false, "Metrics carry the name of each source. Otherwise they are sums and extremes over all of them."),
        };
        foreach (var (key, address) in ((string, IPEndPoint?)[])[("listen", service.Listen), ("grpcWebListen", service.GrpcWebListen)])
        {
            if (address is not null && service.TokenFile is null)
            {
                section.Refuse(key, "needs tokenFile: whoever can connect to it could do everything.");
            }
        }

        return service;
    }

    private static IPEndPoint? Address(SectionReader section, string key, bool isLoopback, string effect)
    {
        var text = section.Text(key, null, isLoopback ? "127.0.0.1:PORT or [::1]:PORT" : "an IP address and a port, such as 0.0.0.0:9090", effect, text =>
            !IPEndPoint.TryParse(text, out var address) || address.Port == 0 || !text.Contains(':', StringComparison.Ordinal) ? "it is no IP address with a port"
            : isLoopback && !IPAddress.IsLoopback(address.Address) ? "it can be reached from other machines, which there is no protection for yet"
            : null);
        return text is null ? null : IPEndPoint.Parse(text);
    }

    private static LogOptions ReadLog(SectionReader section)
    {
        var defaults = new LogOptions();
        return new LogOptions
        {
            Format = section.Choice("format", defaults.Format, "Lines on standard error for people, or one JSON object a line."),
            Level = section.Choice("level", defaults.Level, "The least important lines that are written."),
        };
    }

    private static string? FindMistakeInGlob(string glob) =>
        glob.Split('/').Any(segment => segment is "" or "." or ".." or "**") ? "each part between slashes is a pattern of names; '**', '.' and '..' are none" : null;

    /// <summary>A source is one database or one directory.</summary>
    private static void RefuseMixture(SectionReader section)
    {
        if (section.Has("path") == section.Has("directory"))
        {
            section.Refuse("path", section.Has("path") ? "and directory exclude each other: give one of them." : "is missing: give path, or directory.");
        }

        foreach (var key in section.Has("directory") ? [] : (string[])["glob", "exclude", "rescan"])
        {
            if (section.Has(key))
            {
                section.Refuse(key, "goes with directory only.");
            }

            _ = section.Effective.Remove(key);
        }
    }

    private static void RefuseNone(SectionReader root)
    {
        if (!root.Has("sources") || root.IsEmptyList("sources"))
        {
            root.Refuse("sources", $"is {(root.Has("sources") ? "empty" : "missing")}: name at least one database (on the command line with --database).");
        }
    }

    /// <summary>Two sources must not have one name, and one database must not be two sources.</summary>
    private static void RefuseSame(SectionReader root, IReadOnlyList<SourceOptions> sources)
    {
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var paths = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < sources.Count; i++)
        {
            if (sources[i].Path is not { } path)
            {
                continue;
            }

            if (!paths.TryAdd(path, i))
            {
                root.Refuse("sources", $"[{paths[path]}] and [{i}] are the same database {path}.");
            }
            else if (NameOf(sources[i]) is not { } name)
            {
                root.Refuse("sources", $"[{i}] needs a name: its file name gives none.");
            }
            else if (!names.TryAdd(name, i))
            {
                root.Refuse("sources", $"[{names[name]}] and [{i}] have the same name '{name}': give them different ones.");
            }
        }
    }

    private static string? NameOf(SourceOptions source)
    {
        try
        {
            return source.Name ?? SourceName.FromFile(source.Path!);
        }
        catch (OperatorException)
        {
            return null;
        }
    }
}
