using BackupSidecar.Source;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>What another process sees of our locks: exactly those that SQLite holds for such a reader, and none when it is done.</summary>
public sealed class LockTests
{
    private const string Attached = "SHARED DMS";

    [Fact]
    public async Task A_live_image_holds_one_read_mark_and_nothing_after_it()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");

        using (var image = SourceBench.Open(bench.Path))
        {
            Assert.Matches("^SHARED READ[1-4] DMS$", await bench.Locks.HeldByUsAsync(bench.Path));
            bench.Write(image);
            Assert.Matches("^SHARED READ[1-4] DMS$", await bench.Locks.HeldByUsAsync(bench.Path));
        }

        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        Assert.Equal(Attached, await bench.Locks.HeldByAsync(bench.App.Id, bench.Path));
    }

    [Fact]
    public async Task A_fully_checkpointed_log_is_not_read_on_mark_0_which_lets_a_writer_overwrite_it()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(PASSIVE)");

        using var image = SourceBench.Open(bench.Path);
        var before = bench.Write(image);
        Assert.Matches("^SHARED READ[1-4] DMS$", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.AssertIsMergedCopyAsync(before);

        // With our mark the writer must append, and the checkpointer must stop: the image stands still.
        before = bench.Write(image);
        await bench.App.ExecuteAsync("app", SourceBench.Change);
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(PASSIVE)");
        Assert.Null(await bench.Outside.DifferenceAsync(before, bench.Write(image)));
    }

    [Fact]
    public async Task An_empty_log_is_read_on_mark_0_which_keeps_checkpoints_away()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");

        using var image = SourceBench.Open(bench.Path);
        Assert.Equal("SHARED READ0 DMS", await bench.Locks.HeldByUsAsync(bench.Path));
        var before = bench.Write(image);
        await bench.App.ExecuteAsync("app", SourceBench.Change);
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(PASSIVE)");
        Assert.Null(await bench.Outside.DifferenceAsync(before, bench.Write(image)));
    }

    [Fact]
    public async Task An_image_on_mark_0_stands_still_under_two_writers_and_two_checkpointers()
    {
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "PRAGMA journal_mode=WAL");
        await bench.App.CreateSampleTablesAsync("app");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");

        using var image = SourceBench.Open(bench.Path);
        Assert.Equal("SHARED READ0 DMS", await bench.Locks.HeldByUsAsync(bench.Path));
        var before = bench.Write(image);
        await bench.App.StartLoadAsync(bench.Path, new WriterLoad { Writers = 2, Checkpointers = 2, Checkpoint = "PASSIVE", Pragmas = "PRAGMA wal_autocheckpoint=1" });
        await bench.App.AwaitCommitsAsync(100);
        Assert.Null(await bench.Outside.DifferenceAsync(before, bench.Write(image)));
        await bench.App.StopLoadAsync();
    }

    [Theory]
    [InlineData("wal", "running")]
    [InlineData("wal", "killed")]
    [InlineData("delete", "running")]
    public async Task Pages_are_read_in_parallel(string journalMode, string state)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync(journalMode);
        if (state == "killed")
        {
            await bench.App.KillAsync();
            File.Delete(bench.Path + "-shm");
        }

        using var image = SourceBench.Open(bench.Path);
        var truth = await File.ReadAllBytesAsync(bench.Write(image), TestContext.Current.CancellationToken);
        var size = image.Facts.Shape.PageSizeBytes;
        Parallel.For(0, 4 * (int)image.Facts.Shape.PageCount, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var page = (i % (int)image.Facts.Shape.PageCount) + 1;
            var found = new byte[size];
            image.ReadPages((uint)page, found);
            Assert.True(found.AsSpan().SequenceEqual(truth.AsSpan((page - 1) * size, size)), $"Page {page} differs.");
        });
    }

    [Fact]
    public async Task Closing_one_image_leaves_the_locks_of_another_alone()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");

        using var image = SourceBench.Open(bench.Path);
        var held = await bench.Locks.HeldByUsAsync(bench.Path);
        bench.Read();
        Assert.Equal(held, await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Fact]
    public async Task A_rollback_journal_database_is_locked_inside_a_window_only()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");

        using var image = SourceBench.Open(bench.Path);
        bench.Write(image);
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.App.ExecuteAsync("app", SourceBench.Change);
        Assert.Throws<ImageChangedException>(() => bench.Write(image));
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Fact]
    public async Task Of_a_rollback_journal_database_the_longest_window_is_told_and_not_the_whole_read()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");
        var clock = new TickingClock();

        using (var image = SourceDatabase.OpenImage(SourceFile.Resolve(bench.Path), hold: false, clock))
        {
            bench.Write(image);
            Assert.Equal(TickingClock.Step, image.LongestHold);
            Assert.True(clock.GetElapsedTime(0) > 6 * TickingClock.Step, "It was read in many windows.");
        }

        using var held = SourceDatabase.OpenImage(SourceFile.Resolve(bench.Path), hold: true, clock);
        Assert.Null(held.LongestHold);
    }

    [Fact]
    public async Task A_held_rollback_journal_database_is_locked_for_commits_until_the_image_is_closed()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("delete");
        await bench.App.ExecuteAsync("app", "BEGIN IMMEDIATE; " + SourceBench.Change);

        using (var image = SourceBench.Open(bench.Path, hold: true))
        {
            Assert.Equal("SHARED", await bench.Locks.HeldByUsAsync(bench.Path));
            await bench.AssertIsMergedCopyAsync(bench.Write(image));
            Assert.Equal("SHARED", await bench.Locks.HeldByUsAsync(bench.Path));
        }

        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
        await bench.App.ExecuteAsync("app", "COMMIT");
        await bench.AssertReadsExactlyAsync();
    }

    [Fact]
    public async Task A_database_without_its_app_is_locked_while_it_is_read()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.CloseAsync("app");

        using (var image = SourceBench.Open(bench.Path))
        {
            bench.Write(image);
            Assert.Equal("SHARED", await bench.Locks.HeldByUsAsync(bench.Path));
        }

        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }
}
