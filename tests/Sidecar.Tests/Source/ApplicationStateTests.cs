using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>Whatever the application does or has left behind: the last commit is read, and nothing is written.</summary>
public sealed class ApplicationStateTests
{
    private const int Busy = 5;

    /// <summary>A transaction that is too big for its cache, so that it reaches the files before it is committed.</summary>
    private const string SpillingTransaction = "PRAGMA cache_size=5; BEGIN IMMEDIATE; UPDATE t SET body = randomblob(3000);";

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("persist")]
    [InlineData("memory")]
    [InlineData("off")]
    public async Task An_idle_and_a_closed_application_read_the_same(string journalMode)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync(journalMode);
        await bench.AssertReadsExactlyAsync();

        await bench.App.ExitAsync();
        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_that_a_killed_application_left_is_read_up_to_its_last_commit(bool withShm)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", SpillingTransaction);
        await bench.App.KillAsync();
        DeleteShmUnless(withShm, bench);

        await bench.AssertReadsExactlyAsync();
    }

    /// <summary>The next start of the application recovers such a database, and the file stays torn until a checkpoint.</summary>
    [Theory]
    [InlineData("left with its -shm")]
    [InlineData("left without its -shm")]
    [InlineData("open again")]
    public async Task A_first_page_that_a_power_loss_tore_is_read_from_the_log(string state)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA user_version = 7; PRAGMA wal_autocheckpoint = 0");
        await bench.App.KillAsync();
        using (var file = File.OpenHandle(bench.Path, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.Write(file, Enumerable.Repeat((byte)0xa5, 512).ToArray(), 0);
        }

        DeleteShmUnless(state == "left with its -shm", bench);
        if (state == "open again")
        {
            await bench.Start().OpenAsync("restarted", bench.Path, "PRAGMA wal_autocheckpoint = 0; " + SourceBench.Change);
        }

        SourceDatabase.EnsureIsDatabase(SourceFile.Resolve(bench.Path));
        await bench.AssertReadsExactlyAsync();
        using var attached = AttachedDatabase.TryAttach(SourceFile.Resolve(bench.Path), out var reason);
        Assert.True(attached is not null == (state == "open again"), reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_empty_log_that_a_killed_application_left_changes_nothing(bool withShm)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.App.KillAsync();
        DeleteShmUnless(withShm, bench);

        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_log_that_was_reset_and_begun_anew_is_read_up_to_its_last_commit()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(RESTART); UPDATE t SET body = randomblob(20) WHERE id = 9;");
        await bench.AssertReadsExactlyAsync();
        await bench.App.KillAsync();
        await bench.AssertReadsExactlyAsync();
        DeleteShmUnless(withShm: false, bench);
        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("persist")]
    public async Task An_interrupted_transaction_is_left_to_the_application(string journalMode)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync(journalMode);
        await bench.App.ExecuteAsync("app", SpillingTransaction);
        await bench.App.KillAsync();
        var before = await bench.Outside.LookAsync(bench.Path);

        var failure = Assert.Throws<OperatorException>(() => bench.Read());

        Assert.Contains("must first be recovered by its app", failure.Message, StringComparison.Ordinal);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));

        var restarted = bench.Start();
        await restarted.OpenAsync("app", bench.Path, "SELECT count(*) FROM t");
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task An_interrupted_first_transaction_is_left_to_the_application()
    {
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "PRAGMA cache_size=2; BEGIN; CREATE TABLE t(a); INSERT INTO t VALUES(randomblob(90000)), (randomblob(90000));");
        await bench.App.KillAsync();
        var before = await bench.Outside.LookAsync(bench.Path);

        Assert.Throws<OperatorException>(() => bench.Read());

        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Fact]
    public async Task A_first_transaction_that_never_reached_the_file_leaves_an_empty_database()
    {
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "BEGIN; CREATE TABLE t(a);");
        await bench.App.KillAsync();

        Assert.Equal(0u, (await bench.AssertReadsExactlyAsync()).Shape.PageCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_log_in_which_a_killed_application_shrank_the_database_is_read_exactly(bool withShm)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM t WHERE id > 10; VACUUM;");
        await bench.App.KillAsync();
        DeleteShmUnless(withShm, bench);

        var facts = await bench.AssertReadsExactlyAsync();
        Assert.True(facts.Shape.Bytes < new FileInfo(bench.Path).Length);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task An_open_write_transaction_is_not_seen(string journalMode)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync(journalMode);
        await bench.App.ExecuteAsync("app", "BEGIN IMMEDIATE; " + SourceBench.Change);

        await bench.AssertReadsExactlyAsync();
        await bench.App.ExecuteAsync("app", "COMMIT");
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_write_transaction_that_has_spilled_into_the_log_is_not_seen()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", SpillingTransaction);

        await bench.AssertReadsExactlyAsync();
        await bench.App.ExecuteAsync("app", "ROLLBACK");
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_long_reader_in_the_application_holds_nobody_up()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.OpenAsync("reader", bench.Path, "BEGIN; SELECT count(*) FROM t;");
        var seen = await bench.App.ScalarAsync("reader", "SELECT sum(length(body)) FROM t");
        await bench.App.ExecuteAsync("app", SourceBench.Change + " DELETE FROM t WHERE id % 2 = 0; PRAGMA wal_checkpoint(PASSIVE);");

        await bench.AssertReadsExactlyAsync();
        Assert.Equal(seen, await bench.App.ScalarAsync("reader", "SELECT sum(length(body)) FROM t"));
    }

    [Theory]
    [InlineData("closes the database")]
    [InlineData("is killed")]
    public async Task A_live_image_stays_when_the_application_leaves(string how)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        var truth = bench.Read().File;
        DatabaseSnapshot left;
        using (var image = SourceBench.Open(bench.Path))
        {
            await (how == "is killed" ? bench.App.KillAsync() : bench.App.CloseAsync("app"));
            left = await bench.Outside.LookAsync(bench.Path);
            Assert.Null(await bench.Outside.DifferenceAsync(truth, bench.Write(image)));
        }

        Assert.Equal(left.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData("opens", "SELECT count(*) FROM t", false)]
    [InlineData("writes", SourceBench.Change, false)]
    [InlineData("writes and leaves", SourceBench.Change, true)]
    [InlineData("checkpoints and leaves", SourceBench.Change + "PRAGMA wal_checkpoint(TRUNCATE)", true)]
    public async Task An_application_that_comes_during_a_read_is_not_held_up_and_the_read_starts_over(string what, string sql, bool leaves)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.CloseAsync("app");
        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            await bench.App.OpenAsync("again", bench.Path, sql);
            if (leaves)
            {
                await bench.App.CloseAsync("again");
            }

            Assert.True(Record.Exception(() => bench.Write(image)) is ImageChangedException, $"An application {what}, and the read did not notice.");
        }

        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task An_application_that_comes_during_a_read_of_its_left_log_makes_the_read_start_over()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.KillAsync();
        DeleteShmUnless(withShm: false, bench);
        var restarted = bench.Start();
        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            await restarted.OpenAsync("again", bench.Path, SourceBench.Change + "PRAGMA wal_checkpoint(TRUNCATE)");
            Assert.Throws<ImageChangedException>(() => bench.Write(image));
        }

        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task An_application_that_turns_to_wal_between_two_windows_makes_the_read_start_over()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");
        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            await bench.App.ExecuteAsync("app", "PRAGMA journal_mode=WAL");
            await bench.App.CloseAsync("app");
            var before = await bench.Outside.LookAsync(bench.Path);
            Assert.Throws<ImageChangedException>(() => bench.Write(image));
            Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Path)).ToString());
        }

        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task The_journal_mode_cannot_change_while_a_live_image_is_open_and_can_again_after_it()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.CloseAsync("app");
        await bench.App.OpenAsync("app", bench.Path, SourceBench.Change, lockWaitSeconds: 1);
        using (SourceBench.Open(bench.Path))
        {
            var refused = await Assert.ThrowsAsync<WriterException>(() => bench.App.ScalarAsync("app", "PRAGMA journal_mode=DELETE"));
            Assert.Equal(Busy, refused.Code);
        }

        Assert.Equal("delete", await bench.App.ScalarAsync("app", "PRAGMA journal_mode=DELETE"));
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task The_application_shrinks_and_grows_the_database_between_two_reads()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        var large = await bench.AssertReadsExactlyAsync();
        await bench.App.ExecuteAsync("app", "DELETE FROM t WHERE id > 5; VACUUM;");
        var small = await bench.AssertReadsExactlyAsync();
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE);");
        await bench.AssertReadsExactlyAsync();
        await bench.App.ExecuteAsync("app", "WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, 'grown', randomblob(500) FROM n;");
        var grown = await bench.AssertReadsExactlyAsync();

        Assert.True(small.Shape.PageCount < large.Shape.PageCount && large.Shape.PageCount < grown.Shape.PageCount);
    }

    private static void DeleteShmUnless(bool withShm, SourceBench bench)
    {
        if (!withShm)
        {
            File.Delete(bench.Path + "-shm");
        }
    }
}
