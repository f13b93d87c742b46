using System.Diagnostics;
using BackupSidecar.Following;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>An app leaves its log to itself: in the mode assist it stays short, the app hardly waits for it, and what is captured is right.</summary>
public sealed class LogAssistTests(ITestOutputHelper output)
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";
    private const long Limit = 1 << 20;
    private const int Commits = 300;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("one writer", 1, 0)]
    [InlineData("two writers and a checkpointer", 2, 1)]
    public async Task The_log_of_an_app_without_checkpoints_stays_short_and_every_position_is_one_committed_state(string name, int writers, int checkpointers)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"{name}, seed {seed}");
        await using var follow = Bench();
        var app = follow.Bench.App;
        await app.OpenAsync("app", follow.Bench.Path, "PRAGMA journal_mode=wal");
        await app.CreateSampleTablesAsync("app");
        await app.StartLoadAsync(
            follow.Bench.Path,
            new WriterLoad { Seed = seed, Writers = writers, Checkpointers = checkpointers, Checkpoint = "PASSIVE", PauseMilliseconds = 5, Pragmas = "PRAGMA wal_autocheckpoint=0", CommitsPerSecond = 400 });
        await follow.StartAsync();
        var longest = 0L;
        for (var round = 0; follow.Follower.Status.Assist is not { Checkpoints: >= 2 } && round < 60; round++)
        {
            await app.AwaitCommitsAsync(Commits);
        }

        for (var round = 0; round < 3; round++)
        {
            await app.AwaitCommitsAsync(Commits);
            longest = Math.Max(longest, follow.Follower.Status.WalBytes!.Value);
        }

        _ = await app.StopLoadAsync();
        await follow.CatchUpAsync();
        var status = follow.Follower.Status;

        // How long writers were kept away is that of this disk and this machine: printed, and not judged.
        output.WriteLine($"log {longest} bytes at most; {status.Assist}; {status.Captures}");

        Assert.InRange(status.Assist!.Checkpoints, 2, long.MaxValue);
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
        foreach (var position in (await follow.PositionsAsync()).Reverse().Take(3))
        {
            _ = await follow.Bench.Outside.ValidateAsync(await follow.RestoreAsync(position));
        }

        await follow.StopAsync();
        Assert.Equal("", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }

    [Fact]
    public async Task A_log_past_its_limit_is_started_anew_by_the_next_commit_and_without_assist_it_grows()
    {
        await using var follow = Bench();
        var app = follow.Bench.App;
        await follow.Bench.StartAppAsync("wal");
        await app.ExecuteAsync("app", "PRAGMA wal_autocheckpoint=0");
        await follow.StartAsync();
        await GrowAsync(app);
        await FollowBench.EventuallyAsync(
            async () =>
            {
                await app.ExecuteAsync("app", Small);
                return await app.LogFramesAsync("app") < 10;
            },
            "the log to be started anew",
            wake: follow.CatchUpAsync);
        await follow.CatchUpAsync();

        Assert.Null(follow.Follower.Status.Assist!.Hindrance);
        await follow.CatchUpAsync();
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());

        follow.Follower.Apply(follow.Definition with { Mode = CaptureMode.Observe });
        await GrowAsync(app);
        await app.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();
        Assert.InRange(await app.LogFramesAsync("app"), Limit / 4096, long.MaxValue);
        Assert.Equal("SHARED DMS", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }

    [Fact]
    public async Task A_reader_that_stays_is_named_and_writers_are_not_kept_away_for_it()
    {
        await using var follow = Bench();
        var app = follow.Bench.App;
        await follow.Bench.StartAppAsync("wal");
        await app.ExecuteAsync("app", "PRAGMA wal_autocheckpoint=0");
        var reader = follow.Bench.Start();
        await reader.OpenAsync("reader", follow.Bench.Path);
        await reader.ExecuteAsync("reader", "BEGIN; SELECT count(*) FROM t;");
        await GrowAsync(app);
        await follow.StartAsync();
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Assist?.Hindrance is not null), "a try", wake: follow.CatchUpAsync);

        Assert.Contains("reader", follow.Follower.Status.Assist!.Hindrance, StringComparison.Ordinal);
        Assert.Equal(0, follow.Follower.Status.Assist.LongestWriteLockMilliseconds);
        await reader.ExecuteAsync("reader", "COMMIT");
        await app.ExecuteAsync("app", Small);
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Assist is { Checkpoints: > 0, Hindrance: null }), "the log to be copied", wake: follow.CatchUpAsync);
    }

    [Fact]
    public async Task Against_a_header_that_names_a_version_with_the_fault_nothing_is_done()
    {
        await using var follow = Bench();
        var app = follow.Bench.App;
        await follow.Bench.StartAppAsync("wal");
        await app.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        await app.ExitAsync();
        await WriteVersionAsync(follow.Bench.Path, 3_046_001);
        var next = follow.Bench.Start();
        await next.OpenAsync("app", follow.Bench.Path, "PRAGMA wal_autocheckpoint=0");
        await follow.StartAsync();
        await GrowAsync(next);
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Assist?.Hindrance is not null), "a try", wake: follow.CatchUpAsync);

        Assert.Contains("3.46.1", follow.Follower.Status.Assist!.Hindrance, StringComparison.Ordinal);
        Assert.Equal(0, follow.Follower.Status.Assist.Checkpoints);
        await next.ExecuteAsync("app", Small);
        Assert.InRange(await next.LogFramesAsync("app"), Limit / 4096, long.MaxValue);
    }

    private static FollowBench Bench() => new()
    {
        Define = definition => definition with { Mode = CaptureMode.Assist, AppSqliteVersion = SqliteRuntime.VersionNumber, WalLimitBytes = Limit },
    };

    /// <summary>Page 1 is not written by it.</summary>
    private static async Task GrowAsync(WriterProcess app)
    {
        for (var i = 0; i < 20; i++)
        {
            await app.ExecuteAsync("app", "UPDATE t SET body = randomblob(length(body)) WHERE id % 2 = 0;");
        }
    }

    private static async Task WriteVersionAsync(string path, int version)
    {
        using var write = Process.Start(new ProcessStartInfo("dd", [$"of={path}", "bs=1", "seek=96", "conv=notrunc", "status=none"]) { RedirectStandardInput = true })!;
        await write.StandardInput.BaseStream.WriteAsync(new byte[] { (byte)(version >> 24), (byte)(version >> 16), (byte)(version >> 8), (byte)version }, Ct);
        write.StandardInput.Close();
        await write.WaitForExitAsync(Ct);
        Assert.Equal(0, write.ExitCode);
    }
}
