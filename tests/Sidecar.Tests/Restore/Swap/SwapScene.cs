using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using SQLitePCL;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>A directory with an old database, made as its application left it, and a new one staged beside it.</summary>
internal sealed class SwapScene : IDisposable
{
    public const string RestoreId = "r1";

    private readonly string _scratch;

    public SwapScene(OldDatabase old)
        : this(old, MemoryRoot)
    {
    }

    public SwapScene(OldDatabase old, string scratchRoot)
    {
        _scratch = Directory.CreateDirectory(Path.Combine(scratchRoot, "sidecar-swap-" + Guid.NewGuid().ToString("N"))).FullName;
        Volume = Directory.CreateDirectory(Path.Combine(_scratch, "volume")).FullName;
        MakeOld(old);
        OldRows = old is OldDatabase.Damaged or OldDatabase.ZeroByte or OldDatabase.ZeroByteWithLog or OldDatabase.Missing or OldDatabase.MissingWithLog ? 0 : OldRows;
        Stage();
    }

    /// <summary>In memory where there is such a place: these tests sync hundreds of times, and a killed process loses nothing that a disk would have kept.</summary>
    private static string MemoryRoot => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Where the swap goes through: until it executes its program, a process that a parallel test starts has open whatever this one has.</summary>
    public static SwapPatience Patience { get; } = new()
    {
        LockWaitMax = TimeSpan.FromMinutes(1),
        OpenersWaitMax = TimeSpan.FromSeconds(10),
        SettleTime = TimeSpan.FromMilliseconds(1),
        PollInterval = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Where somebody who stays is in the way.</summary>
    public static SwapPatience ShortPatience { get; } = Patience with { LockWaitMax = TimeSpan.FromMilliseconds(100), OpenersWaitMax = TimeSpan.FromMilliseconds(100) };

    public string Volume { get; }

    public string Target => Path.Combine(Volume, "app.db");

    public string Staged => Path.Combine(Volume, "app.db.restoring");

    public string SafetyCopy => Target + ".before-" + RestoreId;

    /// <summary>Rows that the old database's application had committed; 0 where it has no readable database.</summary>
    public long OldRows { get; private set; }

    public string[] Names => [.. Directory.GetFiles(Volume).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static SwapRun RunStoppingAt(SwapStep stop) => new(TimeProvider.System, Patience, step =>
    {
        if (step == stop)
        {
            throw new SimulatedKillException();
        }
    });

    public SwapRequest Request(bool appIsStopped) => new(Target, Staged, RestoreId, appIsStopped);

    public Task<SwapResult> SwapAsync(bool appIsStopped, SwapPatience? patience = null, Action<SwapStep>? reached = null) =>
        new SwapRun(TimeProvider.System, patience ?? Patience, reached ?? (_ => { }))
            .ExecuteAsync(Request(appIsStopped), TestContext.Current.CancellationToken);

    public void Stage() => ContentDatabase.Create(Staged, "new", "DELETE");

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    private void MakeOld(OldDatabase old)
    {
        var origin = Path.Combine(_scratch, "origin.db");
        switch (old)
        {
            case OldDatabase.Wal:
                ContentDatabase.Create(Target, "old", "WAL");
                OldRows = ContentDatabase.CountRows(Target);
                break;
            case OldDatabase.Rollback:
                ContentDatabase.Create(Target, "old", "DELETE");
                OldRows = ContentDatabase.CountRows(Target);
                break;
            case OldDatabase.RollbackWithColdJournal:
                ContentDatabase.Create(origin, "old", "PERSIST");
                CopyAsKilled(origin, "PRAGMA journal_mode=PERSIST; INSERT INTO rows(content, filler) VALUES('old', 'more')", [SwapPaths.JournalSuffix]);
                OldRows = ContentDatabase.CountRows(origin);
                break;
            case OldDatabase.WalWithLog:
                ContentDatabase.Create(origin, "old", "WAL");
                OldRows = ContentDatabase.CountRows(origin) + 2;
                CopyAsKilled(origin, "PRAGMA wal_autocheckpoint=0; INSERT INTO rows(content, filler) VALUES('old', 'a'), ('old', 'b')", [SwapPaths.WalSuffix, SwapPaths.SharedMemorySuffix]);
                break;
            case OldDatabase.RollbackWithHotJournal:
                ContentDatabase.Create(origin, "old", "DELETE");
                OldRows = ContentDatabase.CountRows(origin);
                CopyAsKilled(origin, "PRAGMA cache_size=3; BEGIN; UPDATE rows SET content = 'torn', filler = randomblob(400)", [SwapPaths.JournalSuffix]);
                break;
            case OldDatabase.Damaged:
                MakeLog(origin);
                File.WriteAllBytes(Target, Enumerable.Repeat((byte)0x5a, 8192).ToArray());
                break;
            case OldDatabase.ZeroByte:
                File.WriteAllBytes(Target, []);
                break;
            case OldDatabase.ZeroByteWithLog:
                MakeLog(origin);
                File.WriteAllBytes(Target, []);
                break;
            case OldDatabase.MissingWithLog:
                MakeLog(origin);
                File.Delete(Target);
                break;
            case OldDatabase.Missing:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(old));
        }
    }

    /// <summary>A log whose frames do not reach page 1, so that SQLite needs the file.</summary>
    private void MakeLog(string origin)
    {
        ContentDatabase.Create(origin, "old", "WAL");
        CopyAsKilled(origin, "PRAGMA wal_autocheckpoint=0; UPDATE rows SET content = content WHERE id = 7", [SwapPaths.WalSuffix]);
    }

    private void CopyAsKilled(string origin, string sql, string[] suffixes)
    {
        using var database = ContentDatabase.Open(origin, raw.SQLITE_OPEN_READWRITE, busyMs: 0);
        ContentDatabase.Execute(database, sql);
        foreach (var suffix in suffixes.Prepend(string.Empty))
        {
            File.Copy(origin + suffix, Target + suffix);
        }
    }
}
