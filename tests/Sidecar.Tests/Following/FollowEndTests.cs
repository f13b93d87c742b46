using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>Ends and new beginnings: of an app, of its log and index, of the follower, and of the space that it needs.</summary>
public sealed class FollowEndTests
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_end_comes_although_an_app_never_stops_committing()
    {
        await using var follow = new FollowBench();
        var app = follow.Bench.App;
        await app.OpenAsync("app", follow.Bench.Path, "PRAGMA journal_mode=wal");
        await app.CreateSampleTablesAsync("app");
        await app.CloseAsync("app");
        await app.StartLoadAsync(follow.Bench.Path, new WriterLoad());
        await follow.StartAsync();
        await app.AwaitCommitsAsync(200);
        Assert.Equal(FollowingEnd.CommitsPossible, await follow.StopAsync().WaitAsync(WaitMax, Ct));
        _ = await app.StopLoadAsync();
    }

    [Fact]
    public async Task An_index_that_a_kill_left_torn_is_mended_and_what_was_committed_is_captured()
    {
        SafeFileHandle? shm = null;
        await using (var follow = await FollowAsync())
        {
            await follow.Bench.App.ExecuteAsync("app", Small);
            await follow.CatchUpAsync();
            await follow.Bench.App.ExecuteAsync("app", Small);
            await follow.Bench.App.KillAsync();

            // Not closed before the follower has ended: closing it takes SQLite's locks away.
            shm = File.OpenHandle(follow.Bench.Path + "-shm", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(shm, [0xee, 0xee, 0xee, 0xee], 8);
            await follow.CatchUpAsync().WaitAsync(WaitMax, Ct);
            Assert.Equal(FollowingEnd.Complete, await follow.StopAsync().WaitAsync(WaitMax, Ct));
            await AssertIsLiveAsync(follow);
        }

        shm.Dispose();
    }

    [Fact]
    public async Task Commits_between_two_logs_without_a_frame_are_captured()
    {
        await using var follow = new FollowBench();
        await follow.Bench.StartAppAsync("wal");
        await follow.Bench.App.ExitAsync();
        var idle = await OpenAsync(follow);
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await follow.StopAsync();
        await idle.ExitAsync();
        var writer = await OpenAsync(follow);
        await writer.ExecuteAsync("app", Small);
        await writer.ExitAsync();
        _ = await OpenAsync(follow);
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await AssertIsLiveAsync(follow);
    }

    [Fact]
    public async Task An_index_that_was_removed_and_made_anew_is_followed()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();
        await follow.Bench.App.KillAsync();
        File.Delete(follow.Bench.Path + "-shm");
        var app = await OpenAsync(follow);
        await app.ExecuteAsync("app", Small);
        await follow.CatchUpAsync().WaitAsync(WaitMax, Ct);
        await AssertIsLiveAsync(follow);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("repository")]
    public async Task A_full_disk_ends_it_with_a_clear_error_and_nothing_is_lost(string place)
    {
        await using var follow = new FollowBench();
        using var mount = SizeLimitedMount.TryCreate(place == "state" ? follow.State : follow.RepositoryPath, 8 << 20);
        Assert.SkipWhen(mount is null, "This process may not mount.");
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await FillAsync(mount.Directory);
        await follow.Bench.App.ExecuteAsync("app", "CREATE TABLE more(x); INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600) SELECT randomblob(3000) FROM n;");
        var failure = await follow.FailureAsync().WaitAsync(WaitMax, Ct);
        var error = Assert.IsAssignableFrom<OperatorException>(failure);
        Assert.NotEqual("", error.Hint);

        // Still full: it fails again, and does no harm.
        await follow.StartAsync();
        _ = Assert.IsAssignableFrom<OperatorException>(await follow.FailureAsync().WaitAsync(WaitMax, Ct));
        File.Delete(Path.Join(mount.Directory, "filler"));
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.StartAsync();
        await follow.CatchUpAsync().WaitAsync(WaitMax, Ct);
        await AssertIsLiveAsync(follow);
    }

    [Fact]
    public async Task A_database_that_is_deleted_is_said_at_once_and_leaves_the_end_in_doubt()
    {
        await using var follow = await FollowAsync();
        var position = follow.Follower.Status.Position;
        File.Delete(follow.Bench.Path);
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Log.Contains($"there is no database at {follow.Bench.Path} any more", StringComparison.Ordinal)), "the log to say it");
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Reason == "its database is gone"), "the status to say it");
        Assert.Equal(FollowingEnd.DatabaseGone, await follow.StopWhenNobodyIsAttachedAsync().WaitAsync(WaitMax, Ct));
        Assert.Contains("there is still no database", follow.Log, StringComparison.Ordinal);

        // Another process, to which it was never there: the repository knows it.
        await follow.StartAsync();
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Reason == "its database is gone"), "the status to say it again");
        Assert.Equal(position, follow.Follower.Status.Position);
        Assert.Equal(FollowingEnd.Complete, await follow.StopWhenNobodyIsAttachedAsync().WaitAsync(WaitMax, Ct));
    }

    private static async Task FillAsync(string directory)
    {
        await using var filler = new FileStream(Path.Join(directory, "filler"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            for (var piece = new byte[4096]; ;)
            {
                await filler.WriteAsync(piece, Ct);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static async Task<WriterProcess> OpenAsync(FollowBench follow)
    {
        var app = follow.Bench.Start();
        await app.OpenAsync("app", follow.Bench.Path);
        _ = await app.ScalarAsync("app", "SELECT count(*) FROM t");
        return app;
    }

    private static async Task<FollowBench> FollowAsync()
    {
        var follow = new FollowBench();
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        return follow;
    }

    private static async Task AssertIsLiveAsync(FollowBench follow) => await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
}
