using BackupSidecar.Capture;
using BackupSidecar.Source;
using Xunit;
using static BackupSidecar.Tests.Capture.LogSamples;

namespace BackupSidecar.Tests.Capture;

/// <summary>Each decision over a log that was started anew: it is bridged where the old tail and the new log prove it, and refused everywhere else.</summary>
public sealed class LogBridgeTests
{
    [Theory]
    [InlineData(1, null)]
    [InlineData(4, null)]
    [InlineData(5, "more than the 4")]
    public async Task A_new_log_is_bridged_while_it_is_not_longer_than_what_was_captured(int newFrames, string? refusal)
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Reset(77);
        for (var i = 0; i < newFrames; i++)
        {
            log.Commit(3, (2, Page(100 + i)));
        }

        AssertBridged(log, cursor, refusal, 2);
    }

    [Theory]
    [InlineData(0x0000_1000u, 1u, null)]
    [InlineData(0xffff_ffffu, 1u, null)]
    [InlineData(0x0000_1000u, 2u, "more than once")]
    [InlineData(0x0000_1000u, 0x7654_3210u, "more than once")]
    public async Task Only_the_next_first_salt_is_one_reset(uint firstSalt, uint more, string? refusal)
    {
        await using var log = await StartAsync(commits: 4, salts: ((ulong)firstSalt << 32) | 5);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Reset(77);
        log.Salts = ((ulong)unchecked(firstSalt + more) << 32) | 78;
        log.Commit(3, (2, Page(21)));
        AssertBridged(log, cursor, refusal, 2, 3);
    }

    [Fact]
    public async Task A_cut_tail_is_refused_if_it_held_commits()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Commit(3, (2, Page(21)));
        log.Reset(77);
        log.Commit(3, (2, Page(22)));
        log.Cut(SimulatedLog.FrameOffset(6) + 100);
        AssertBridged(log, cursor, "2 of 3 commits");
    }

    [Fact]
    public async Task A_spill_of_the_new_log_over_the_old_tail_is_refused()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Reset(77);
        log.Commit(3, (2, Page(22)));
        var sum = log.Sum;
        for (var frame = log.LastFrame + 1; frame <= 5; frame++)
        {
            sum = log.WriteFrame(sum, frame, log.Salts, 3, 0, Page(23));
        }

        AssertBridged(log, cursor, "1 of 2 commits");
    }

    [Fact]
    public async Task A_commit_in_the_old_tail_that_never_counted_is_refused()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        _ = log.WriteFrame(log.Sum, log.LastFrame + 1, log.Salts, 3, 3, Page(20));
        log.Reset(77);
        log.Commit(3, (2, Page(22)));
        AssertBridged(log, cursor, "2 of 1 commits");
    }

    [Fact]
    public async Task Repeated_frames_that_could_stand_for_commits_that_are_gone_are_refused()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Reset(77);

        // The new commit is filled up to a sector, and the old tail is cut off: the frames that end a commit are as many as commits were counted.
        log.Commit(3, (2, Page(22)));
        log.Commit(3, (2, Page(22)));
        log.CommitCounter--;
        log.WriteIndex();
        log.Cut(SimulatedLog.FrameOffset(5));
        AssertBridged(log, cursor, "repeat each other");
    }

    [Fact]
    public async Task Repeated_frames_in_the_old_tail_are_refused()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Commit(3, (3, Page(20)));
        log.Commit(3, (2, Page(21)));
        log.CommitCounter--;
        log.Reset(77);
        log.Commit(3, (2, Page(22)));
        log.Cut(SimulatedLog.FrameOffset(7));
        AssertBridged(log, cursor, "repeat each other");
    }

    [Fact]
    public async Task Commits_of_one_page_each_are_no_repetition()
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Commit(3, (3, Page(21)));
        log.Reset(77);
        log.Commit(3, (2, Page(22)));
        log.Commit(3, (2, Page(23)));
        AssertBridged(log, cursor, refusal: null, 2, 3);
    }

    [Fact]
    public async Task After_a_recovery_counts_are_not_compared()
    {
        await using var log = await StartAsync(commits: 4);
        log.CommitCounter = 1;
        log.WriteIndex();
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (3, Page(20)));
        log.Commit(3, (3, Page(21)));
        Assert.True(log.Attached.TryReadIndex(out _));
        Assert.False(log.Attached.WasRecovered);

        // Recovered, and two more commits; then the log is cut, so that as many commits are gone as had been counted: the sums agree.
        log.CommitCounter = 0;
        log.WriteIndex();
        Assert.True(log.Attached.TryReadIndex(out _));
        Assert.True(log.Attached.WasRecovered);
        log.Commit(3, (3, Page(22)));
        log.Reset(77);
        log.Commit(3, (2, Page(23)));
        log.Cut(SimulatedLog.FrameOffset(5));
        AssertBridged(log, cursor, "recovered");
    }

    private static void AssertBridged(SimulatedLog log, WalCursor cursor, string? refusal, params uint[] pages)
    {
        var outcome = Find(log, cursor);
        using var changes = outcome.Changes;
        if (refusal is not null)
        {
            Assert.Null(changes);
            Assert.Contains(refusal, outcome.Refusal, StringComparison.Ordinal);
            Assert.False(outcome.LostCommits);
            return;
        }

        Assert.Null(outcome.Refusal);
        Assert.Equal(CaptureMethod.OldTail, changes!.Method);
        Assert.Equal(pages, changes.Pages);
    }
}
