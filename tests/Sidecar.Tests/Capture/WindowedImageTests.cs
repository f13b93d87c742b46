using BackupSidecar.Capture;
using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>A database is read in many short read transactions while an application writes: with the changed pages read again it is one committed state.</summary>
public sealed class WindowedImageTests(ITestOutputHelper output)
{
    private const int PagesPerRead = 4;
    private const int AttemptsMax = 200;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", false)]
    [InlineData("PRAGMA wal_autocheckpoint=100", false)]
    [InlineData("PRAGMA cache_size=5", true)]
    public async Task With_the_changed_pages_read_again_it_is_one_committed_state(string pragmas, bool vacuum)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "PRAGMA journal_mode=WAL");
        await bench.App.CreateSampleTablesAsync("app");
        await bench.App.StartLoadAsync(bench.Path, new WriterLoad { Seed = seed, Pragmas = pragmas, Vacuum = vacuum, CommitsPerSecond = 300 });
        await bench.App.AwaitCommitsAsync(200);
        using var database = AttachedDatabase.TryAttach(SourceFile.Resolve(bench.Path), out var reason) ?? throw new InvalidOperationException(reason);
        var (changed, refused) = (0, 0);
        for (var i = 0; i < 5; i++)
        {
            var (file, count, attempts) = await ReadAsync(bench, database);
            (changed, refused) = (changed + count, refused + attempts - 1);
            _ = await bench.Outside.ValidateAsync(file);
        }

        output.WriteLine($"{changed} pages had changed, {refused} readings started over");
        Assert.NotEqual(0, changed);
        await bench.App.StopLoadAsync();
    }

    [Fact]
    public async Task Between_two_windows_no_read_mark_is_held()
    {
        await using var scene = await LogScene.StartAsync();
        using var image = new WindowedImage(scene.Database, TimeSpan.Zero, TimeProvider.System);
        image.ReadPages(1, new byte[image.Facts.Shape.PageSizeBytes]);
        await scene.App.ExecuteAsync("app", "PRAGMA busy_timeout=0");
        using (image.Finish())
        {
            Assert.Matches("READ", await scene.Bench.Locks.HeldByUsAsync(scene.Bench.Path));
        }

        Assert.Equal("SHARED DMS", await scene.Bench.Locks.HeldByUsAsync(scene.Bench.Path));
    }

    [Fact]
    public async Task What_the_log_cannot_tell_discards_the_reading()
    {
        await using var scene = await LogScene.StartAsync();
        using var image = new WindowedImage(scene.Database, TimeSpan.FromHours(1), TimeProvider.System);
        image.ReadPages(1, new byte[image.Facts.Shape.PageSizeBytes]);
        image.Finish().Dispose();
        await scene.App.ExecuteAsync("app", "UPDATE t SET body = randomblob(300) WHERE id = 40; PRAGMA wal_checkpoint(TRUNCATE); UPDATE t SET body = randomblob(300) WHERE id = 41;");
        var e = Assert.Throws<ImageChangedException>(() => image.Finish());
        Assert.Contains("cannot be told", e.Message, StringComparison.Ordinal);
        Assert.Equal("SHARED DMS", await scene.Bench.Locks.HeldByUsAsync(scene.Bench.Path));
    }

    private static async Task<(string File, int Changed, int Attempts)> ReadAsync(SourceBench bench, AttachedDatabase database)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (file, changed) = await ReadOnceAsync(bench, database);
                return (file, changed, attempt);
            }
            catch (ImageChangedException) when (attempt < AttemptsMax)
            {
                // The log could not tell: start over, as a capture does.
            }
        }
    }

    private static async Task<(string File, int Changed)> ReadOnceAsync(SourceBench bench, AttachedDatabase database)
    {
        var path = bench.NewPath("windowed.db");
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        using var image = new WindowedImage(database, TimeSpan.Zero, TimeProvider.System);
        var shape = image.Facts.Shape;
        var bytes = new byte[PagesPerRead * shape.PageSizeBytes];
        for (uint page = 1; page <= shape.PageCount; page += PagesPerRead)
        {
            var some = bytes.AsMemory(0, (int)Math.Min(PagesPerRead, shape.PageCount - page + 1) * shape.PageSizeBytes);
            image.ReadPages(page, some.Span);
            await RandomAccess.WriteAsync(file, some, shape.OffsetOf(page), Ct);
            if (page == 1 + (shape.PageCount / (2 * PagesPerRead) * PagesPerRead))
            {
                await bench.App.AwaitCommitsAsync(5);
            }
        }

        using var last = image.Finish();
        return (path, ReadAgain(file, last, image.ChangedSince));
    }

    private static int ReadAgain(Microsoft.Win32.SafeHandles.SafeFileHandle file, LiveWalImage last, IReadOnlyCollection<uint> changed)
    {
        var shape = last.Facts.Shape;
        var bytes = new byte[shape.PageSizeBytes];
        foreach (var page in changed.Where(page => page <= shape.PageCount))
        {
            last.ReadPages(page, bytes);
            RandomAccess.Write(file, bytes, shape.OffsetOf(page));
        }

        last.EnsureUnchanged();
        RandomAccess.SetLength(file, shape.Bytes);
        return changed.Count;
    }
}
