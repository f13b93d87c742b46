using BackupSidecar.Primitives;
using BackupSidecar.Source;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>The checks that a live writer cannot fail, since it keeps the promises of the format: the log on disk is changed under its app.</summary>
public sealed class DamagedLiveLogTests
{
    private const int PageSize = 4096;

    private static readonly Dictionary<string, Action<SafeFileHandle, uint>> Damages = new()
    {
        ["the salts of the first frame"] = (wal, _) => Flip(wal, WalFormat.FrameOffset(1, PageSize) + 8),
        ["the salts of a frame between"] = (wal, last) => Flip(wal, WalFormat.FrameOffset(last / 2, PageSize) + 15),
        ["the salts of the last frame"] = (wal, last) => Flip(wal, WalFormat.FrameOffset(last, PageSize) + 12),
        ["the checksum of the last frame"] = (wal, last) => Flip(wal, WalFormat.FrameOffset(last, PageSize) + 16),
        ["the second checksum of the last frame"] = (wal, last) => Flip(wal, WalFormat.FrameOffset(last, PageSize) + 23),
        ["the header of the last frame is cut off"] = (wal, last) => RandomAccess.SetLength(wal, WalFormat.FrameOffset(last, PageSize) + 20),
    };

    public static TheoryData<string> Names => [.. Damages.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_log_that_does_not_fit_its_index_gives_no_image(string name)
    {
        await using var bench = new SourceBench();
        await StartAppAsync(bench);
        Damage(bench, name);

        Assert.Throws<ImageChangedException>(() => SourceBench.Open(bench.Path));
        Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
    }

    [Theory]
    [InlineData("the salts of the last frame")]
    [InlineData("the checksum of the last frame")]
    [InlineData("the header of the last frame is cut off")]
    public async Task A_log_that_no_longer_fits_is_seen_after_the_read(string name)
    {
        await using var bench = new SourceBench();
        await StartAppAsync(bench);
        using var image = SourceBench.Open(bench.Path);
        image.EnsureUnchanged();
        Damage(bench, name);

        Assert.Throws<ImageChangedException>(image.EnsureUnchanged);
    }

    [Fact]
    public async Task A_log_that_ends_early_is_seen_by_the_read()
    {
        await using var bench = new SourceBench();
        await StartAppAsync(bench);
        using var image = SourceBench.Open(bench.Path);
        using (var wal = OpenWal(bench))
        {
            RandomAccess.SetLength(wal, WalFormat.FrameOffset(2, PageSize));
        }

        Assert.Throws<ImageChangedException>(() => image.ReadPages(1, new byte[image.Facts.Shape.Bytes]));
    }

    [Fact]
    public async Task Pages_outside_the_image_are_refused()
    {
        await using var bench = new SourceBench();
        await StartAppAsync(bench);
        using var image = SourceBench.Open(bench.Path);
        var count = image.Facts.Shape.PageCount;

        Assert.Throws<OperatorException>(() => image.ReadPages(0, new byte[PageSize]));
        Assert.Throws<OperatorException>(() => image.ReadPages(count, new byte[2 * PageSize]));
        Assert.Throws<OperatorException>(() => image.ReadPages(uint.MaxValue, new byte[2 * PageSize]));
        image.ReadPages(count, new byte[PageSize]);
    }

    /// <summary>The log holds one generation and nothing behind its end, so that its last frame is the last of the file.</summary>
    private static async Task StartAppAsync(SourceBench bench)
    {
        await bench.StartAppAsync("wal");
        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.App.ExecuteAsync("app", SourceBench.Change);
    }

    private static void Damage(SourceBench bench, string name)
    {
        using var wal = OpenWal(bench);
        Damages[name](wal, (uint)((RandomAccess.GetLength(wal) - WalFormat.HeaderSize) / (WalFormat.FrameHeaderSize + PageSize)));
    }

    /// <summary>SQLite keeps no lock on a log: closing this costs none.</summary>
    private static SafeFileHandle OpenWal(SourceBench bench) =>
        File.OpenHandle(bench.Path + SourceFile.WalSuffix, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private static void Flip(SafeFileHandle wal, long at)
    {
        var value = new byte[1];
        RandomAccess.Read(wal, value, at);
        value[0] ^= 0x40;
        RandomAccess.Write(wal, value, at);
    }
}
