using BackupSidecar.Capture;
using BackupSidecar.Source;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>What a log tells of an application's changes since a cursor, and where it refuses to: each answer is held against the database itself.</summary>
public sealed class LogCaptureTests
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";
    private const string Other = "UPDATE t SET body = randomblob(300) WHERE id = 40;";
    private const string Reset = "PRAGMA wal_checkpoint(RESTART);";

    [Fact]
    public async Task Nothing_new_is_nothing()
    {
        await using var scene = await LogScene.StartAsync();
        var outcome = scene.Find();
        Assert.Equal((null, null), (outcome.Changes, outcome.Refusal));
    }

    [Fact]
    public async Task A_commit_is_told_by_its_frames_without_a_read_mark()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", Small);
        using (var changes = scene.Find().Changes!)
        {
            Assert.Equal((CaptureMethod.Wal, false, 1U), (changes.Method, changes.HoldsReadMark, changes.Commits));
            Assert.Equal("SHARED DMS", await scene.Bench.Locks.HeldByUsAsync(scene.Bench.Path));
        }

        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Fact]
    public async Task The_newest_frame_of_a_page_counts()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Small} {Small} {SourceBench.Change} {Small}");
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
        await scene.App.ExecuteAsync("app", Small);
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Fact]
    public async Task Frames_of_a_transaction_that_is_open_or_rolled_back_are_not_used()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"PRAGMA cache_size=5; {Small} BEGIN; {SourceBench.Change}");
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
        await scene.App.ExecuteAsync("app", "ROLLBACK");
        Assert.Equal(default, scene.Find());
        await scene.App.ExecuteAsync("app", Other);
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Fact]
    public async Task A_savepoint_that_is_rolled_back_past_the_cursor_is_not_used()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"PRAGMA cache_size=5; BEGIN; {Small} SAVEPOINT s; {SourceBench.Change} ROLLBACK TO s; {Other} COMMIT;");
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Theory]
    [InlineData("PRAGMA wal_checkpoint(PASSIVE);")]
    [InlineData("PRAGMA wal_checkpoint(FULL);")]
    [InlineData("PRAGMA wal_checkpoint(RESTART);")]
    public async Task Commits_before_and_after_a_reset_are_told_by_both_logs(string checkpoint)
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", SourceBench.Change);
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
        await scene.App.ExecuteAsync("app", $"{Other} {checkpoint} {Small}");
        await scene.AssertFollowsAsync(CaptureMethod.OldTail);

        // And on from there.
        await scene.App.ExecuteAsync("app", Other);
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Fact]
    public async Task A_reset_after_everything_was_captured_is_bridged_by_the_new_log_alone()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Reset} {Small}");
        await scene.AssertFollowsAsync(CaptureMethod.OldTail);
    }

    [Fact]
    public async Task A_reset_that_is_also_cut_off_is_bridged_if_everything_was_captured_before()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"PRAGMA wal_checkpoint(TRUNCATE); {Small}");
        await scene.AssertFollowsAsync(CaptureMethod.OldTail);
    }

    [Fact]
    public async Task A_log_that_was_cut_off_with_commits_that_were_not_captured_is_refused()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Other} PRAGMA wal_checkpoint(TRUNCATE); {Small}");
        scene.AssertRefused("commits can still be seen");
    }

    [Fact]
    public async Task Two_resets_are_refused()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Other} {Reset} {Small} {Reset} {Other}");
        scene.AssertRefused("more than once");
    }

    [Fact]
    public async Task A_new_log_with_more_frames_than_were_captured_is_refused()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Reset} {Small}");
        await scene.AssertFollowsAsync(CaptureMethod.OldTail);
        await scene.App.ExecuteAsync("app", $"{Reset} {SourceBench.Change} {SourceBench.Change}");
        scene.AssertRefused("more than the");
    }

    [Fact]
    public async Task A_cursor_of_an_earlier_attachment_is_never_carried_over_a_reset()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", $"{Reset} {Small}");
        var outcome = LogCapture.Find(scene.Database, scene.Cursor, isOfThisAttachment: false);
        Assert.Contains("while nobody followed", outcome.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_that_were_captured_and_are_gone_are_lost_commits()
    {
        await using var scene = await LogScene.StartAsync();
        var captured = scene.Cursor;
        Assert.True(LogCapture.Find(scene.Database, captured with { Frame = captured.Frame + 1 }, isOfThisAttachment: true).LostCommits);
        Assert.True(LogCapture.Find(scene.Database, captured with { Frame = captured.Frame - 1, Checksum = new WalChecksum(1, 2) }, isOfThisAttachment: true).LostCommits);
    }

    [Fact]
    public async Task A_log_that_is_empty_is_followed_from_its_first_frame()
    {
        await using var scene = await LogScene.StartAsync("PRAGMA wal_checkpoint(TRUNCATE);");
        Assert.Equal(0U, scene.Cursor.Frame);
        await scene.App.ExecuteAsync("app", Small);
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
    }

    [Fact]
    public async Task Growth_shrink_and_vacuum_are_followed()
    {
        await using var scene = await LogScene.StartAsync();
        foreach (var sql in (string[])[
            "CREATE TABLE more(x); INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(3000) FROM n;",
            "DELETE FROM more WHERE rowid % 2 = 0;",
            "VACUUM;",
            "DROP TABLE more; VACUUM;"])
        {
            await scene.App.ExecuteAsync("app", sql);
            await scene.AssertFollowsAsync(CaptureMethod.Wal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRAGMA wal_checkpoint(PASSIVE);")]
    public async Task Pages_that_were_dropped_and_come_back_unwritten_do_no_harm(string between)
    {
        const string Fill = "INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(3000) FROM n;";
        await using var scene = await LogScene.StartAsync();

        // Frames of these pages stand in the log when the database shrinks.
        await scene.App.ExecuteAsync("app", $"CREATE TABLE more(x); {Fill}");
        await scene.AssertFollowsAsync(CaptureMethod.Wal);
        await scene.App.ExecuteAsync("app", "DROP TABLE more; VACUUM;");
        await scene.AssertFollowsAsync(CaptureMethod.Wal);

        // It grows over them again and gives them back within the transaction: SQLite writes none of them.
        await scene.App.ExecuteAsync("app", $"{between} BEGIN; CREATE TABLE more(x); {Fill} DROP TABLE more; COMMIT;");
        var told = await scene.AssertFollowsInContentAsync(between.Length == 0 ? CaptureMethod.Wal : CaptureMethod.OldTail);
        Assert.True(told > 250, $"Only {told} pages were told, although the database grew by 300.");

        // And is filled with what does count.
        await scene.App.ExecuteAsync("app", $"CREATE TABLE more(x); {Fill}");
        _ = await scene.AssertFollowsInContentAsync(CaptureMethod.Wal);
        await scene.App.ExecuteAsync("app", "DELETE FROM more WHERE rowid % 2 = 0; VACUUM;");
        _ = await scene.AssertFollowsInContentAsync(CaptureMethod.Wal);
    }
}
