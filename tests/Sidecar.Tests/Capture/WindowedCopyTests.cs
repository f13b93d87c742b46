using BackupSidecar.Capture;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>A database is copied in many short read transactions while an application writes: the copy is one committed state, and nothing is held afterwards.</summary>
public sealed class WindowedCopyTests(ITestOutputHelper output)
{
    private const int AttemptsMax = 200;

    /// <summary>More than may be left for the last window, so that there are rounds.</summary>
    private const string Large = "CREATE TABLE large(x); INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT randomblob(3500) FROM n;";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", false)]
    [InlineData("PRAGMA wal_autocheckpoint=50", "", false)]
    [InlineData("PRAGMA cache_size=5", "", true)]
    [InlineData("", "TRUNCATE", false)]
    public async Task It_is_one_committed_state(string pragmas, string checkpoint, bool vacuum)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "PRAGMA journal_mode=WAL");
        await bench.App.CreateSampleTablesAsync("app");
        await bench.App.StartLoadAsync(bench.Path, new WriterLoad { Seed = seed, Pragmas = pragmas, Vacuum = vacuum, Checkpoint = checkpoint, PauseMilliseconds = 20, CommitsPerSecond = 300 });
        await bench.App.AwaitCommitsAsync(200);
        using var database = Attach(bench);
        for (var i = 0; i < 5; i++)
        {
            using var copy = await CopyAsync(bench, database, TimeSpan.Zero);
            Assert.Equal("SHARED DMS", await bench.Locks.HeldByUsAsync(bench.Path));
            await bench.App.AwaitCommitsAsync(20);
            _ = await bench.Outside.ValidateAsync(bench.Write(copy));
        }

        await bench.App.StopLoadAsync();
    }

    [Theory]
    [InlineData("DROP TABLE large; VACUUM")]
    [InlineData("CREATE TABLE more(x); INSERT INTO more SELECT randomblob(3500) FROM large")]
    [InlineData("UPDATE large SET x = randomblob(3500)")]
    [InlineData("UPDATE large SET x = randomblob(3500); PRAGMA wal_checkpoint(TRUNCATE); UPDATE large SET x = randomblob(10) WHERE rowid < 5")]
    public async Task What_changes_while_it_is_copied_is_copied_again(string sql)
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", Large);
        using var database = Attach(bench);
        var attempts = 0;
        var changing = bench.App.ExecuteAsync("app", sql);
        do
        {
            attempts++;
            using var copy = await CopyAsync(bench, database, TimeSpan.FromMilliseconds(2));
            if (changing.IsCompleted)
            {
                await changing;
                using var final = await CopyAsync(bench, database, TimeSpan.FromMilliseconds(2));
                await bench.AssertIsMergedCopyAsync(bench.Write(final));
                return;
            }

            await bench.Outside.OpenAsync($"copy {attempts}", bench.Write(copy));
            Assert.Equal("ok", await bench.Outside.ScalarAsync($"copy {attempts}", "PRAGMA integrity_check"));
        }
        while (true);
    }

    [Fact]
    public async Task Given_up_in_the_middle_it_leaves_no_file_and_no_lock()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", Large);
        using var database = Attach(bench);
        var directory = Directory.CreateDirectory(bench.NewPath("state")).FullName;
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await WindowedCopy.RunAsync(database, baseline: null, Path.Join(directory, "pages"), TimeSpan.FromMilliseconds(2), workers: 1, TimeProvider.System, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(directory));
        Assert.Equal("SHARED DMS", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Fact]
    public async Task While_it_is_written_its_file_has_no_name()
    {
        await using var bench = new SourceBench();
        await bench.StartAppAsync("wal");
        using var database = Attach(bench);
        var directory = Directory.CreateDirectory(bench.NewPath("state")).FullName;
        using var copy = await WindowedCopy.RunAsync(database, baseline: null, Path.Join(directory, "pages"), TimeSpan.FromMilliseconds(2), workers: 1, TimeProvider.System, Ct);
        Assert.Empty(Directory.GetFileSystemEntries(directory));
        await bench.AssertIsMergedCopyAsync(bench.Write(copy));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_room_it_is_refused_before_the_disk_is_full(bool isSizeKnown)
    {
        using var volume = new ScratchVolume();
        using var mount = SizeLimitedMount.TryCreate(volume.Elsewhere("state"), 40 << 20);
        Assert.SkipWhen(mount is null, "This process may not mount.");
        var path = Path.Join(mount.Directory, "pages");
        var page = new byte[65536];
        var written = 0;
        var e = Assert.Throws<SpoolSpaceException>(() =>
        {
            using var spool = PageSpool.Create(path, page.Length, bytesMin: isSizeKnown ? 21 << 20 : 0);
            for (uint number = 1; number < 1000; number++, written++)
            {
                spool.Write(number, page);
            }
        });
        Assert.Contains(mount.Directory, e.Message, StringComparison.Ordinal);
        Assert.InRange(written, isSizeKnown ? 0 : 256, isSizeKnown ? 0 : 512);
        Assert.Equal(40 << 20, new DriveInfo(mount.Directory).AvailableFreeSpace);
    }

    [Fact]
    public async Task A_checkpoint_that_waits_gets_its_turn_while_it_is_read_on()
    {
        await using var scene = await LogScene.StartAsync();
        await scene.App.ExecuteAsync("app", "PRAGMA busy_timeout=20000");
        using var image = new WindowedImage(scene.Database, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var page = new byte[image.Facts.Shape.PageSizeBytes];
        for (var i = 0; i < 5; i++)
        {
            await scene.App.ExecuteAsync("app", SourceBench.Change);
            var checkpoint = scene.App.ScalarAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
            while (!checkpoint.IsCompleted)
            {
                image.ReadPages(1, page);
            }

            Assert.Equal("0", await checkpoint);
        }

        using var last = image.Finish();
        Assert.NotEmpty(image.ChangedSince);
    }

    [Fact]
    public async Task Windows_end_by_the_clock_while_nobody_reads()
    {
        await using var scene = await LogScene.StartAsync();
        using var image = new WindowedImage(scene.Database, TimeSpan.FromMilliseconds(1), TimeProvider.System);
        image.ReadPages(1, new byte[image.Facts.Shape.PageSizeBytes]);
        await scene.App.ExecuteAsync("app", "PRAGMA busy_timeout=20000");

        // More than one new start of the log between two reads can be told only because it is looked at by the clock as well.
        foreach (var id in (int[])[40, 41, 42])
        {
            await scene.App.ExecuteAsync("app", $"UPDATE t SET body = randomblob(300) WHERE id = {id}");
            while (image.TakeChanged().Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Ct);
            }

            // It waits for a window to end.
            Assert.Equal("0", await scene.App.ScalarAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)"));
        }

        using var last = image.Finish();
        Assert.Empty(image.ChangedSince);
    }

    private static AttachedDatabase Attach(SourceBench bench) =>
        AttachedDatabase.TryAttach(SourceFile.Resolve(bench.Path), out var reason) ?? throw new InvalidOperationException(reason);

    private static async Task<SpooledImage> CopyAsync(SourceBench bench, AttachedDatabase database, TimeSpan window)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WindowedCopy.RunAsync(database, baseline: null, bench.NewPath("pages"), window, workers: 1, TimeProvider.System, Ct);
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // The log could not tell: start over, as a capture does.
            }
        }
    }
}
