using BackupSidecar.Capture;
using BackupSidecar.Source;
using Xunit;
using static BackupSidecar.Tests.Capture.LogSamples;

namespace BackupSidecar.Tests.Capture;

/// <summary>Each decision of the log capture over one log, on logs and indexes that are written byte by byte: what is told is the truth, and everything else is refused.</summary>
public sealed class LogDecisionTests
{
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

    [Fact]
    public async Task An_image_that_cannot_be_made_keeps_no_read_mark()
    {
        await using var log = await StartAsync(commits: 4);
        log.Overwrite(SimulatedLog.FrameOffset(2) + 8, 0x77);
        Assert.True(Throws(() => log.ReadImage()));
        log.Overwrite(SimulatedLog.FrameOffset(2) + 8, (byte)(log.Salts >> 56));
        Assert.Equal(log.LastFrame, log.ReadImage().Cursor.Frame);
    }

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
}
