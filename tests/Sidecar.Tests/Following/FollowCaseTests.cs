using BackupSidecar.Following;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>An application does one thing at a time beside a follower: which way the capture takes, and that the result is right in any case.</summary>
public sealed class FollowCaseTests
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_is_captured_from_the_log_without_being_asked_for()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", Small);
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Counts.Wal == 1), "the capture");
        Assert.Equal(0, follow.Counts.PageHashes);
        Assert.Equal(2, (await follow.PositionsAsync()).Count);
        await AssertIsLiveAsync(follow);
    }

    [Fact]
    public async Task A_rolled_back_transaction_is_no_position()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", $"PRAGMA cache_size=5; BEGIN; {SourceBench.Change} ROLLBACK;");
        await follow.CatchUpAsync();
        Assert.Single(await follow.PositionsAsync());
        await AssertIsLiveAsync(follow);
    }

    [Fact]
    public async Task Growth_shrink_and_vacuum_are_captured_from_the_log()
    {
        await using var follow = await FollowAsync();
        foreach (var sql in (string[])[
            "CREATE TABLE more(x); INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(3000) FROM n;",
            "DELETE FROM more WHERE rowid % 2 = 0;",
            "VACUUM;",
            "BEGIN; INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT randomblob(9000) FROM n; DELETE FROM more; COMMIT;",
            "DROP TABLE more; VACUUM;"])
        {
            await follow.Bench.App.ExecuteAsync("app", sql);
            await follow.CatchUpAsync();
            Assert.Equal("ok", await follow.IntegrityAsync());
        }

        Assert.Equal(0, follow.Counts.PageHashes);
    }

    [Fact]
    public async Task After_a_restart_the_log_goes_on_where_the_last_capture_stood()
    {
        await using var follow = await FollowAsync();
        await follow.StopAsync();
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.StartAsync();
        await follow.CatchUpAsync();
        Assert.Equal((1, 0, 0), (follow.Counts.Wal, follow.Counts.PageHashes, follow.Counts.Full));
        await AssertIsLiveAsync(follow, timelines: 1);
    }

    [Fact]
    public async Task A_reset_while_nobody_followed_is_never_bridged()
    {
        await using var follow = await FollowAsync();
        await follow.StopAsync();
        await follow.Bench.App.ExecuteAsync("app", $"{SourceBench.Change} PRAGMA wal_checkpoint(RESTART); {Small}");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        Assert.Equal((0, 0, 1), (follow.Counts.Wal, follow.Counts.OldTail, follow.Counts.PageHashes));
        await AssertIsLiveAsync(follow, timelines: 1);
    }

    [Fact]
    public async Task When_the_app_has_left_its_last_commit_is_captured_and_nothing_of_ours_is_attached()
    {
        await using var follow = await FollowAsync(TimeSpan.FromHours(1));
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.Bench.App.ExitAsync();
        Assert.Equal(FollowingEnd.Complete, await follow.StopWhenNobodyIsAttachedAsync());
        Assert.Equal("", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
        await AssertIsLiveAsync(follow);
    }

    [Fact]
    public async Task An_app_that_comes_back_is_followed_again_from_its_log()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.KillAsync();
        await follow.CatchUpAsync();
        await follow.DetachedAsync();
        var app = follow.Bench.Start();
        await app.OpenAsync("app", follow.Bench.Path);
        await app.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();
        Assert.Equal(0, follow.Counts.PageHashes);
        await AssertIsLiveAsync(follow, timelines: 1);
    }

    [Fact]
    public async Task Commits_that_a_power_loss_took_begin_a_new_timeline()
    {
        await using var follow = await FollowAsync();
        var log = follow.Bench.Path + "-wal";
        await follow.Bench.App.ExecuteAsync("app", $"PRAGMA wal_checkpoint(TRUNCATE); {Small}");
        var length = new FileInfo(log).Length;
        await follow.Bench.App.ExecuteAsync("app", SourceBench.Change);
        await follow.CatchUpAsync();
        await follow.Bench.App.KillAsync();
        await follow.StopAsync();
        await using (var file = new FileStream(log, FileMode.Open))
        {
            file.SetLength(length);
        }

        var app = follow.Bench.Start();
        await app.OpenAsync("app", follow.Bench.Path);
        await app.ExecuteAsync("app", Small);
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await AssertIsLiveAsync(follow, timelines: 2);
    }

    [Fact]
    public async Task A_file_that_was_replaced_begins_a_new_timeline()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", $"PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '{follow.Bench.Path}.other'");
        await follow.Bench.App.ExitAsync();
        File.Move(follow.Bench.Path + ".other", follow.Bench.Path, overwrite: true);
        File.Delete(follow.Bench.Path + "-wal");
        File.Delete(follow.Bench.Path + "-shm");
        await follow.CatchUpAsync();
        await AssertIsLiveAsync(follow, timelines: 2);
    }

    [Fact]
    public async Task Attached_it_holds_what_an_idle_reader_holds_and_writes_nothing()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();
        var before = await follow.Bench.Outside.LookAsync(follow.Bench.Path);
        Assert.Equal("SHARED DMS", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
        await follow.CatchUpAsync();
        await follow.StopAsync();
        Assert.Equal(before.ToString(), (await follow.Bench.Outside.LookAsync(follow.Bench.Path)).ToString());
        Assert.Equal("", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }

    private static async Task<FollowBench> FollowAsync(TimeSpan? interval = null)
    {
        var follow = new FollowBench();
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync(interval);
        await follow.CatchUpAsync();
        Assert.Equal(1, follow.Counts.Full);
        return follow;
    }

    /// <summary>The newest restore point is the database as it is now.</summary>
    private static async Task AssertIsLiveAsync(FollowBench follow, int? timelines = null)
    {
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
        if (timelines is { } count)
        {
            Assert.Equal(count, (await follow.PositionsAsync()).Select(position => position.Timeline).Distinct().Count());
        }
    }
}
