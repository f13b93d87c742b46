using BackupSidecar.Testing;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>What an application does between two moments at which its database is looked at: the ways to mislead whoever follows its log.</summary>
/// <param name="Name">For the list of cases.</param>
/// <param name="RunAsync">Leaves the application attached, with nothing open.</param>
internal sealed record Passage(string Name, Func<FollowBench, Task> RunAsync)
{
    private const string Second = "second";
    private const string Small = "small";
    private const int FrameBytes = 4096 + 24;
    private const int LogHeaderBytes = 32;

    /// <summary>Passages that are possible, and mean something, whether or not somebody follows meanwhile.</summary>
    public static IReadOnlyList<Passage> All { get; } =
    [
        new("TRUNCATE", bench => CheckpointAsync(bench, "TRUNCATE", changes: 0)),
        new("TRUNCATE, then commits", bench => CheckpointAsync(bench, "TRUNCATE", changes: 4)),
        new("RESTART", bench => CheckpointAsync(bench, "RESTART", changes: 0)),
        new("RESTART, then commits", bench => CheckpointAsync(bench, "RESTART", changes: 4)),
        new("TRUNCATE twice, each with one commit", TruncateTwiceAsync),
        new("TRUNCATE by one connection, then a write by a fresh one", TruncateThenFreshAsync),
        new("two connections start the log anew in turn", AlternateAsync),
        new("the application ends and comes again", EndAndComeAgainAsync),
        new("the application is killed and comes again", KillAndComeAgainAsync),
        new("the application is killed and another one recovers the log", KillAndRecoverByAnotherAsync),
        new("the application is killed between the two copies of the index header", KillWithinIndexAsync),
        new("VACUUM", VacuumAsync),
        new("journal_size_limit at the end of a frame", bench => LimitAsync(bench, LogHeaderBytes + (60 * FrameBytes))),
        new("journal_size_limit within a frame", bench => LimitAsync(bench, LogHeaderBytes + (60 * FrameBytes) + 1000)),
        new("journal_size_limit of nothing", bench => LimitAsync(bench, 0)),
        new("a commit whose index was never written, while another application is attached", PhantomAsync),
        new("commits whose index was never written, and a new log over them", PhantomThenRestartAsync),
        new("spills and ROLLBACK TO, in both generations", SpillAsync),
        new("a spilled transaction that is rolled back, in both generations", RollBackAsync),
        new("a spilled transaction whose application is killed", KillWithinTransactionAsync),
        new("a reader of the application keeps the log from being started anew", LongReaderAsync),
    ];

    /// <summary>Passages that whoever is attached would refuse, or that need the files for themselves.</summary>
    public static IReadOnlyList<Passage> WhileNobodyFollows { get; } =
    [
        new("another page size", ChangePageSizeAsync),
        new("a rollback journal for a while", UseRollbackJournalAsync),
        new("the log loses its newest commits, as in a power loss", LoseCommitsAsync),
        new("the log loses its newest commits, and gets as many frames again", LoseAndReplaceCommitsAsync),
        new("an older copy is put back", PutBackOlderAsync),
        new("an older copy is put back into the same file", PutBackInPlaceAsync),
    ];

    public override string ToString() => Name;

    private static async Task CheckpointAsync(FollowBench bench, string mode, int changes)
    {
        await bench.ChangeAsync(3);
        await bench.App.ExecuteAsync(FollowBench.Main, $"PRAGMA wal_checkpoint({mode})");
        if (changes > 0)
        {
            await bench.ChangeAsync(changes);
        }
    }

    private static async Task TruncateTwiceAsync(FollowBench bench)
    {
        for (var i = 0; i < 2; i++)
        {
            await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(TRUNCATE)");
            await bench.ChangeAsync(1);
        }
    }

    private static async Task TruncateThenFreshAsync(FollowBench bench)
    {
        await bench.ChangeAsync(2);
        await bench.App.OpenAsync(Second, bench.Database, FollowBench.Unsynced);
        await bench.App.ExecuteAsync(Second, "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.App.CloseAsync(Second);
        await bench.App.OpenAsync(Small, bench.Database, FollowBench.Unsynced);
        await bench.App.ChangeAsync(Small, bench.Random.Next(), count: 2, FollowBench.ItemsMax);
        await bench.App.CloseAsync(Small);
    }

    private static async Task AlternateAsync(FollowBench bench)
    {
        await bench.App.OpenAsync(Second, bench.Database, FollowBench.Unsynced);
        for (var i = 0; i < 6; i++)
        {
            var (writer, resetter) = i % 2 == 0 ? (FollowBench.Main, Second) : (Second, FollowBench.Main);
            await bench.App.ChangeAsync(writer, bench.Random.Next(), bench.Random.Next(1, 4), FollowBench.ItemsMax);
            await bench.App.ExecuteAsync(resetter, $"PRAGMA wal_checkpoint({(i % 3 == 0 ? "TRUNCATE" : "RESTART")})");
        }

        await bench.App.ChangeAsync(Second, bench.Random.Next(), bench.Random.Next(1, 4), FollowBench.ItemsMax);
        await bench.App.CloseAsync(Second);
    }

    private static async Task EndAndComeAgainAsync(FollowBench bench)
    {
        await bench.ChangeAsync(3);
        await bench.ReopenAppAsync();
        await bench.ChangeAsync(bench.Random.Next(1, 5));
    }

    private static async Task KillAndComeAgainAsync(FollowBench bench)
    {
        await bench.ChangeAsync(3);
        await bench.KillAppAsync();
        await bench.StartAppAsync();
        await bench.ChangeAsync(bench.Random.Next(1, 5));
    }

    private static async Task KillAndRecoverByAnotherAsync(FollowBench bench)
    {
        await bench.ChangeAsync(3);
        await bench.KillAppAsync();
        await using (var other = WriterProcess.Start())
        {
            await other.OpenAsync(Second, bench.Database, FollowBench.Unsynced);
            await other.ChangeAsync(Second, bench.Random.Next(), count: 2, FollowBench.ItemsMax);
            await bench.StartAppAsync();
            await other.KillAsync();
        }

        await bench.ChangeAsync(2);
    }

    /// <summary>The next one to open the database finds an index that it must make anew, although others may be attached.</summary>
    private static async Task KillWithinIndexAsync(FollowBench bench)
    {
        var before = await bench.Outside.IndexHeaderAsync(bench.Database);
        await bench.ChangeAsync(2);
        var after = await bench.Outside.IndexHeaderAsync(bench.Database);
        await bench.KillAppAsync();

        // The second copy is written first.
        await bench.Outside.SetIndexHeaderAsync(bench.Database, before[..(before.Length / 2)] + after[(after.Length / 2)..]);
        await bench.StartAppAsync();
        await bench.ChangeAsync(2);
    }

    private static async Task VacuumAsync(FollowBench bench)
    {
        bench.Followed.ForgetPages();
        await bench.App.ExecuteAsync(FollowBench.Main, "VACUUM");
        await bench.ChangeAsync(1);
        bench.Followed.ForgetPages();
    }

    private static async Task LimitAsync(FollowBench bench, int bytes)
    {
        await bench.App.ExecuteAsync(FollowBench.Main, $"PRAGMA journal_size_limit={bytes}");
        await bench.ChangeAsync(8);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(RESTART)");
        await bench.ChangeAsync(bench.Random.Next(1, 3));
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA journal_size_limit=-1");
    }

    /// <summary>
    /// Its frames stand in the log with a commit frame, and no index names them: the application died, or its flush failed, in between. While somebody is
    /// attached nobody recovers, and the next commit overwrites them: it never was.
    /// </summary>
    private static async Task PhantomAsync(FollowBench bench)
    {
        await using var other = WriterProcess.Start();
        await other.OpenAsync(Second, bench.Database, FollowBench.Unsynced);
        await other.ScalarAsync(Second, "SELECT count(*) FROM item");
        await LeavePhantomAsync(bench, changes: 1);
        await bench.StartAppAsync();
        await bench.App.TouchAsync(FollowBench.Main);
        await other.ExitAsync();
    }

    private static async Task PhantomThenRestartAsync(FollowBench bench)
    {
        await using var other = WriterProcess.Start();
        await other.OpenAsync(Second, bench.Database, FollowBench.Unsynced);
        await other.ChangeAsync(Second, bench.Random.Next(), count: 2, FollowBench.ItemsMax);
        await LeavePhantomAsync(bench, changes: 3);
        await bench.StartAppAsync();
        await other.ExecuteAsync(Second, "PRAGMA wal_checkpoint(RESTART)");
        await bench.App.TouchAsync(FollowBench.Main);
        await other.ExitAsync();
    }

    /// <summary>Whoever follows stands still meanwhile: a real death never publishes the index that this one takes back.</summary>
    private static async Task LeavePhantomAsync(FollowBench bench, int changes)
    {
        if (bench.IsFollowed)
        {
            await bench.CaughtUpAsync();
            bench.Sidecar.Pause();
        }

        var before = await bench.Outside.IndexHeaderAsync(bench.Database);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_autocheckpoint=0");
        await bench.ChangeAsync(changes);
        await bench.KillAppAsync();
        await bench.Outside.SetIndexHeaderAsync(bench.Database, before);
        if (bench.IsFollowed)
        {
            bench.Sidecar.Resume();
        }
    }

    private static async Task SpillAsync(FollowBench bench)
    {
        await bench.App.OpenAsync(Small, bench.Database, $"{FollowBench.Unsynced}; PRAGMA cache_size=5");
        await SpillOnceAsync(bench, count: 2);
        await bench.App.ExecuteAsync(Small, "PRAGMA wal_checkpoint(RESTART)");
        await SpillOnceAsync(bench, count: 1);
        await bench.App.CloseAsync(Small);
    }

    private static Task<long> SpillOnceAsync(FollowBench bench, int count) =>
        bench.App.ChangeAsync(Small, bench.Random.Next(), count, FollowBench.ItemsMax, rollBackPart: true);

    private static async Task RollBackAsync(FollowBench bench)
    {
        await bench.App.OpenAsync(Small, bench.Database, $"{FollowBench.Unsynced}; PRAGMA cache_size=5");
        for (var generation = 0; generation < 2; generation++)
        {
            await bench.App.BeginAsync(Small, bench.Random.Next());
            await bench.App.ExecuteAsync(Small, "ROLLBACK");
            await bench.App.TouchAsync(Small);
            if (generation == 0)
            {
                await bench.App.ExecuteAsync(Small, "PRAGMA wal_checkpoint(RESTART)");
            }
        }

        await bench.App.CloseAsync(Small);
    }

    private static async Task KillWithinTransactionAsync(FollowBench bench)
    {
        await bench.ChangeAsync(1);
        await bench.App.OpenAsync(Small, bench.Database, $"{FollowBench.Unsynced}; PRAGMA cache_size=5");
        await bench.App.BeginAsync(Small, bench.Random.Next());
        await bench.KillAppAsync();
        await bench.StartAppAsync();
        await bench.App.TouchAsync(FollowBench.Main);
    }

    private static async Task LongReaderAsync(FollowBench bench)
    {
        await bench.App.OpenAsync(Second, bench.Database, "BEGIN; SELECT count(*) FROM item;");
        await bench.ChangeAsync(3);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(PASSIVE)");
        await bench.ChangeAsync(3);
        await bench.App.CloseAsync(Second);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(PASSIVE)");
        await bench.App.TouchAsync(FollowBench.Main);
    }

    private static async Task ChangePageSizeAsync(FollowBench bench)
    {
        bench.Followed.ForgetPages();
        var next = await bench.App.ScalarAsync(FollowBench.Main, "PRAGMA page_size") == "4096" ? "8192" : "4096";
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA journal_mode=DELETE");
        await bench.App.ExecuteAsync(FollowBench.Main, $"PRAGMA page_size={next}; VACUUM");
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA journal_mode=WAL");
        if (await bench.App.ScalarAsync(FollowBench.Main, "PRAGMA page_size") != next)
        {
            throw new InvalidOperationException($"The page size did not become {next} bytes.");
        }

        await bench.ChangeAsync(1);
        bench.Followed.ForgetPages();
    }

    private static async Task UseRollbackJournalAsync(FollowBench bench)
    {
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA journal_mode=DELETE");
        await bench.ChangeAsync(2);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA journal_mode=WAL");
        await bench.ChangeAsync(1);
    }

    private static async Task LoseCommitsAsync(FollowBench bench)
    {
        await CutLogAsync(bench);
        await bench.App.TouchAsync(FollowBench.Main);
    }

    private static async Task LoseAndReplaceCommitsAsync(FollowBench bench)
    {
        var frames = await bench.App.LogFramesAsync(FollowBench.Main);
        await CutLogAsync(bench);
        await bench.FillLogAsync((int)frames);
    }

    /// <summary>Half of the log is gone, within a frame; the application recovers what is left.</summary>
    private static async Task CutLogAsync(FollowBench bench)
    {
        bench.Followed.ForgetCommits();
        await bench.KillAppAsync();
        using (var log = new FileStream(bench.Database + "-wal", FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            log.SetLength((log.Length / 2) + 100);
        }

        await bench.StartAppAsync();
    }

    private static Task PutBackOlderAsync(FollowBench bench) => PutBackAsync(bench, older => File.Move(older, bench.Database, overwrite: true));

    private static Task PutBackInPlaceAsync(FollowBench bench) => PutBackAsync(bench, older => File.Copy(older, bench.Database, overwrite: true));

    private static async Task PutBackAsync(FollowBench bench, Action<string> putBack)
    {
        await bench.App.ExitAsync();
        bench.Followed.ForgetCommits();
        var older = bench.Followed.NewPath("older.db");
        File.Copy(bench.Earlier, older);
        putBack(older);
        await bench.StartAppAsync();
        await bench.App.TouchAsync(FollowBench.Main);
    }
}
