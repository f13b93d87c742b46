using BackupSidecar.Following;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Lifecycle;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>What the status says of a database that an application has open.</summary>
public sealed class StatusFactsTests
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_pins_the_log_is_named_with_its_mark_until_it_ends()
    {
        await using var follow = await FollowAsync();
        var reader = follow.Bench.Start();
        await reader.OpenAsync("reader", follow.Bench.Path);
        await reader.ExecuteAsync("reader", "BEGIN; SELECT count(*) FROM t;");
        var frames = await follow.Bench.App.LogFramesAsync("app");
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();

        var pin = Assert.Single(follow.Follower.Status.WalPins);
        Assert.Equal((frames, $"process {reader.Id} (Sidecar.Writer)"), (pin.Frame, pin.Holder));
        Assert.InRange(pin.Mark, 1, 4);
        await reader.ExecuteAsync("reader", "COMMIT");
        Assert.Empty(follow.Follower.Status.WalPins);
    }

    [Fact]
    public async Task A_reader_of_the_database_file_alone_is_named_too()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        var reader = follow.Bench.Start();
        await reader.OpenAsync("reader", follow.Bench.Path);
        await reader.ExecuteAsync("reader", "BEGIN; SELECT count(*) FROM t;");

        Assert.Equal(0, Assert.Single(follow.Follower.Status.WalPins).Mark);
    }

    [Fact]
    public async Task The_size_of_the_log_and_the_version_that_wrote_the_header_are_told()
    {
        await using var follow = await FollowAsync();
        var version = await follow.Bench.App.ScalarAsync("app", "SELECT sqlite_version()");

        var status = follow.Follower.Status;

        Assert.Equal(version, status.AppSqliteVersion);
        Assert.Equal(new FileInfo(follow.Bench.Path + "-wal").Length, status.WalBytes);
        Assert.Equal(new FileInfo(follow.Bench.Path).Length, status.DatabaseBytes);
    }

    [Fact]
    public async Task Lag_is_counted_from_the_moment_that_a_commit_was_seen_until_it_is_stored()
    {
        await using var follow = await FollowAsync(TimeSpan.FromHours(1));
        Assert.Equal((0L, null), (follow.Follower.Status.LagCommits, follow.Follower.Status.BehindSince));
        var before = TimeProvider.System.GetUtcNow();
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.Bench.App.ExecuteAsync("app", Small);
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.LagCommits == 2), "two commits to be seen");

        var since = follow.Follower.Status.BehindSince;
        Assert.InRange(since!.Value, before, TimeProvider.System.GetUtcNow());
        Assert.Equal(90, follow.Follower.Status.WithLagAt(since.Value.AddSeconds(90), isLooking: true).LagSeconds);
        await follow.CatchUpAsync();
        var caughtUp = follow.Follower.Status.WithLagAt(since.Value.AddSeconds(90), isLooking: true);
        Assert.Equal((0L, 0d), (caughtUp.LagCommits, caughtUp.LagSeconds));
    }

    [Fact]
    public void Where_nobody_looks_nothing_is_known_of_new_commits()
    {
        var status = new SourceStatus { Name = "app", Path = "/app.db", State = SourceState.Failing, LagCommits = 0 };

        Assert.Null(status.WithLagAt(DateTimeOffset.UnixEpoch, isLooking: false).LagSeconds);
        Assert.Equal(0, status.WithLagAt(DateTimeOffset.UnixEpoch, isLooking: true).LagSeconds);
    }

    [Fact]
    public async Task An_app_that_ends_is_noticed_without_the_look_at_an_idle_database()
    {
        await using var follow = await FollowAsync(time: new SteppedTime { SystemMax = FollowerShared.IdleLook / 2 });
        await follow.Bench.App.KillAsync();

        // The idle look would come when the clock is set forward, which nobody does.
        await follow.DetachedAsync();

        Assert.Equal("", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }

    private static async Task<FollowBench> FollowAsync(TimeSpan? interval = null, TimeProvider? time = null)
    {
        var follow = new FollowBench { Time = time ?? TimeProvider.System };
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync(interval);
        await follow.CatchUpAsync();
        return follow;
    }
}
