using BackupSidecar.Capture;
using BackupSidecar.Source;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>Each decision of the log capture, on logs and indexes that are written byte by byte: what is told is the truth, and everything else is refused.</summary>
public sealed class LogDecisionTests
{
    private const ulong FirstSalts = 0x0000_1000_0abc_def0;

    [Fact]
    public async Task Frames_after_the_cursor_are_told()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (2, Page(7)), (3, Page(8)));
        AssertTold(log, cursor, (2, Page(7)), (3, Page(8)));
    }

    [Fact]
    public async Task Big_endian_checksums_are_followed()
    {
        await using var log = await StartAsync(commits: 2, bigEndian: true);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (2, Page(7)), (3, Page(8)));
        AssertTold(log, cursor, (2, Page(7)), (3, Page(8)));
    }

    [Fact]
    public async Task Valid_frames_behind_the_end_are_not_used()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (2, Page(7)));

        // A commit whose writer died before it told the index.
        _ = log.WriteFrame(log.Sum, log.LastFrame + 1, log.Salts, 3, 3, Page(9));
        AssertTold(log, cursor, (2, Page(7)));
    }

    [Theory]
    [InlineData(8, "wrong salts")]
    [InlineData(0, "another page")]
    [InlineData(16, "another checksum")]
    [InlineData(24 + 100, "a torn page")]
    public async Task A_chain_that_does_not_lead_to_the_end_is_looked_at_again(int offset, string what)
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        var damaged = log.LastFrame + 1;
        log.Commit(3, (2, Page(7)));
        log.Commit(3, (3, Page(8)));
        log.Overwrite(SimulatedLog.FrameOffset(damaged) + offset, 0x77);
        Assert.True(Throws(() => Find(log, cursor)), what);
    }

    [Fact]
    public async Task A_chain_that_holds_but_ends_at_another_checksum_is_looked_at_again()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (2, Page(7)));
        _ = log.WriteFrame(new(cursor.Checksum.First, cursor.Checksum.Second), log.LastFrame, log.Salts, 2, 3, Page(9));
        Assert.True(Throws(() => Find(log, cursor)));
    }

    [Fact]
    public async Task A_page_that_is_overwritten_between_the_two_passes_is_not_used()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(3, (2, Page(7)));
        using var changes = Find(log, cursor).Changes!;
        log.Overwrite(SimulatedLog.FrameOffset(log.LastFrame) + 24 + 5, 0x77);
        Assert.True(Throws(() => changes.Read(0, new byte[SimulatedLog.PageSize])));
    }

    [Fact]
    public async Task The_newest_of_many_frames_of_a_page_counts_and_pages_past_the_end_do_not()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(5, (2, Page(7)), (4, Page(4)), (5, Page(5)));
        log.Commit(5, (2, Page(8)));
        log.Commit(4, (2, Page(9)), (4, Page(10)));
        AssertTold(log, cursor, (2, Page(9)), (4, Page(10)));
    }

    [Fact]
    public async Task A_page_that_was_dropped_and_came_back_is_told_if_a_frame_holds_it()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.Commit(2, (2, Page(7)));
        log.Commit(3, (2, Page(8)), (3, Page(9)));
        AssertTold(log, cursor, (2, Page(8)), (3, Page(9)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task A_log_that_ends_before_the_cursor_has_lost_commits(uint framesGone, bool isLost)
    {
        await using var log = await StartAsync(commits: 4);
        var cursor = log.ReadImage().Cursor;
        if (framesGone == 0)
        {
            // As many frames, another commit.
            log.Sum = log.WriteFrame(new(1, 2), log.LastFrame, log.Salts, 2, 3, Page(50));
        }
        else if (framesGone == 1)
        {
            log.LastFrame--;
        }
        else
        {
            log.Commit(3, (2, Page(7)));
        }

        log.WriteIndex();
        Assert.Equal(isLost, Find(log, cursor, isOfThisAttachment: false).LostCommits);
    }

    [Fact]
    public async Task A_log_of_the_generation_before_has_lost_commits()
    {
        await using var log = await StartAsync(commits: 2);
        var (salts, before) = (log.Salts, (log.LastFrame, log.Sum));
        log.Reset(77);
        log.Commit(3, (2, Page(9)));
        var cursor = log.ReadImage().Cursor;
        (log.Salts, (log.LastFrame, log.Sum)) = (salts, before);
        log.WriteIndex();
        Assert.True(Find(log, cursor, isOfThisAttachment: false).LostCommits);
    }

    [Fact]
    public async Task A_log_that_is_started_anew_while_its_frame_is_looked_for_has_lost_nothing()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;

        // The frame of the cursor is overwritten by the next generation, and the index was read just before.
        var stale = (log.Salts, log.LastFrame, log.Sum);
        log.Reset(77);
        log.Commit(3, (2, Page(9)), (3, Page(9)));
        var next = (log.Salts, log.LastFrame, log.Sum);
        (log.Salts, log.LastFrame, log.Sum) = stale;
        log.LastFrame++;
        log.WriteIndex();
        Assert.True(log.Attached.TryReadIndex(out var seen));
        (log.Salts, log.LastFrame, log.Sum) = next;
        log.WriteIndex();
        Assert.True(Throws(() => LogCapture.Find(log.Attached, cursor, seen, isOfThisAttachment: true)));
    }

    [Fact]
    public async Task An_index_that_is_torn_is_looked_at_again()
    {
        await using var log = await StartAsync(commits: 2);
        var cursor = log.ReadImage().Cursor;
        log.TearIndex();
        Assert.True(Throws(() => Find(log, cursor)));
    }

    [Fact]
    public async Task A_log_without_frames_is_told_from_another_one_only_while_attached()
    {
        await using var log = await SimulatedLog.StartAsync();
        var cursor = log.ReadImage().Cursor;
        Assert.Equal(0UL, cursor.Salts);
        Assert.Equal(default, Find(log, cursor));
        Assert.NotNull(Find(log, cursor, isOfThisAttachment: false).Refusal);
    }

    [Fact]
    public async Task A_log_that_was_recovered_without_frames_is_not_the_one_of_the_cursor()
    {
        await using var log = await StartAsync(commits: 2);
        log.Reset(77);
        var cursor = log.ReadImage().Cursor;
        log.CommitCounter = 0;
        log.WriteIndex();
        Assert.NotNull(Find(log, cursor, isOfThisAttachment: false).Refusal);
    }

    [Fact]
    public async Task An_empty_log_is_followed_from_its_header()
    {
        await using var log = await StartAsync(commits: 2);
        log.Reset(77);
        var cursor = log.ReadImage().Cursor;
        Assert.Equal(0U, cursor.Frame);
        log.Commit(3, (2, Page(7)));
        AssertTold(log, cursor, (2, Page(7)));
    }

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

    [Fact]
    public async Task An_image_that_cannot_be_made_keeps_no_read_mark()
    {
        await using var log = await StartAsync(commits: 4);
        log.Overwrite(SimulatedLog.FrameOffset(2) + 8, 0x77);
        Assert.True(Throws(() => log.ReadImage()));
        log.Overwrite(SimulatedLog.FrameOffset(2) + 8, (byte)(log.Salts >> 56));
        Assert.Equal(log.LastFrame, log.ReadImage().Cursor.Frame);
    }

    /// <summary>Three pages, and as many commits of a frame each.</summary>
    private static async Task<SimulatedLog> StartAsync(uint commits, bool bigEndian = false, ulong salts = FirstSalts)
    {
        var log = await SimulatedLog.StartAsync();
        log.WriteDatabase([log.FirstPage, Page(1), Page(2)]);
        (log.Salts, log.BigEndian, log.CommitCounter) = (salts, bigEndian, 1000);
        for (uint i = 0; i < commits; i++)
        {
            log.Commit(3, (2 + (i % 2), Page(30 + (int)i)));
        }

        return log;
    }

    private static byte[] Page(int seed)
    {
        var page = new byte[SimulatedLog.PageSize];
        new Random(seed).NextBytes(page);
        return page;
    }

    private static LogOutcome Find(SimulatedLog log, WalCursor cursor, bool isOfThisAttachment = true) => LogCapture.Find(log.Attached, cursor, isOfThisAttachment);

    private static bool Throws(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (ImageChangedException)
        {
            return true;
        }
    }

    private static void AssertTold(SimulatedLog log, WalCursor cursor, params (uint Page, byte[] Content)[] expected)
    {
        var outcome = Find(log, cursor);
        Assert.Null(outcome.Refusal);
        using var changes = outcome.Changes!;
        Assert.Equal(CaptureMethod.Wal, changes.Method);
        Assert.Equal(expected.Select(page => page.Page), changes.Pages);
        var content = new byte[SimulatedLog.PageSize];
        for (var i = 0; i < expected.Length; i++)
        {
            changes.Read(i, content);
            Assert.Equal(expected[i].Content, content);
        }

        Assert.Equal((log.LastFrame, log.Salts), (changes.Cursor.Frame, changes.Cursor.Salts));
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
