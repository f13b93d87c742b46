using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using CsCheck;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>A log that no app has open is read as SQLite's own recovery reads it, whatever its bytes are.</summary>
/// <remarks>
/// CsCheck makes the input and prints the seed of a failure, which the variable <c>CsCheck_Seed</c> brings back. Each sample is held
/// against SQLite itself; a coverage-guided fuzzer would only look for crashes, and the checksums would keep it at the first frame.
/// </remarks>
public sealed class LeftBehindLogTests : IDisposable
{
    private static readonly int[] PageSizes = [512, 4096, 65536];

    private static readonly Gen<(int Kind, int At, int Length, ulong Value)[]> Damages =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1 << 20], Gen.Int[1, 40], Gen.ULong).Array[0, 3];

    private readonly ScratchVolume _volume = new();

    [Fact]
    public void What_SQLite_left_reads_as_SQLite_recovers_it_whatever_has_happened_to_its_bytes()
    {
        var histories = SqliteView.Histories(_volume.Elsewhere(""));
        Gen.Select(Gen.Int[0, histories.Count - 1], Damages).Sample(
            (history, damages) =>
            {
                var wal = histories[history].Wal;
                foreach (var (kind, at, length, value) in damages)
                {
                    wal = Damaged(wal, histories[history].PageSizeBytes, kind, at, length, value);
                }

                AssertReadsAsRecovered(histories[history] with { Wal = wal }, mayRefuse: false);
            },
            iter: 400,
            threads: 1);
    }

    [Fact]
    public void A_database_whose_header_was_changed_reads_as_SQLite_reads_it_or_is_refused()
    {
        var histories = SqliteView.Histories(_volume.Elsewhere(""));
        Gen.Select(Gen.Int[0, histories.Count - 1], Gen.Int[0, 99], Gen.Byte, Gen.OneOf(Gen.Const(0), Gen.Int[0, 70_000]), Gen.Bool).Sample(
            (history, at, value, cut, withWal) =>
            {
                var database = histories[history].Database[..^Math.Min(cut, histories[history].Database.Length)];
                if (at < database.Length)
                {
                    database[at] = value;
                }

                AssertReadsAsRecovered(new DatabaseFiles(database, withWal ? histories[history].Wal : []), mayRefuse: true);
            },
            iter: 400,
            threads: 1);
    }

    /// <summary>Frames in any order, of any page, with any commits, in both byte orders of the checksum; then frames of an older log behind them.</summary>
    [Fact]
    public void A_log_built_byte_by_byte_reads_as_SQLite_recovers_it()
    {
        var databases = PageSizes.ToDictionary(size => size, size => SqliteView.EmptyDatabase(size, _volume.Elsewhere($"empty-{size}.db")));
        var frame = Gen.Select(Gen.UInt[0, 12], Gen.OneOf(Gen.Const(0u), Gen.UInt[1, 14]), Gen.Byte);
        Gen.Select(Gen.OneOf(PageSizes), Gen.Bool, Gen.ULong, frame.Array[0, 12], frame.Array[0, 12]).Sample(
            (size, bigEndian, salts, frames, older) =>
            {
                var builder = new WalBuilder(size, salts, bigEndian);
                var stale = new WalBuilder(size, salts - 1, bigEndian);
                Add(builder, frames, databases[size]);
                Add(stale, older, databases[size]);
                byte[] wal = [.. builder.ToArray(), .. stale.ToArray().Skip(builder.ToArray().Length)];

                AssertReadsAsRecovered(new DatabaseFiles(databases[size], wal), mayRefuse: false);
            },
            iter: 250,
            threads: 1);
    }

    /// <summary>What a power loss during a checkpoint leaves: the app's next start recovers it, and so must a read before that.</summary>
    /// <remarks>From two bytes on: to SQLite a file of one byte is empty, and the log of an empty one is removed. We refuse that, and say so.</remarks>
    [Fact]
    public void A_torn_first_page_that_the_log_holds_reads_as_SQLite_recovers_it()
    {
        var databases = PageSizes.ToDictionary(size => size, size => SqliteView.EmptyDatabase(size, _volume.Elsewhere($"empty-{size}.db")));
        Gen.Select(Gen.OneOf(PageSizes), Gen.Int[2, 600], Gen.Int[0, 300], Gen.Byte, Gen.Bool).Sample(
            (size, length, from, value, isCut) =>
            {
                var log = new WalBuilder(size, salts: 7, bigEndian: false);
                Add(log, [(2, 0, 5), (1, 3, 9), (3, 3, 8)], databases[size]);
                var torn = isCut ? databases[size][..Math.Min(length, size)] : (byte[])databases[size].Clone();
                torn.AsSpan(Math.Min(from, torn.Length)..Math.Min(from + length, torn.Length)).Fill(value);

                AssertReadsAsRecovered(new DatabaseFiles(torn, log.ToArray()), mayRefuse: false);
            },
            iter: 250,
            threads: 1);
    }

    [Fact]
    public void A_torn_first_page_that_the_log_does_not_hold_is_refused_and_says_so()
    {
        var database = SqliteView.EmptyDatabase(512, _volume.Elsewhere("empty.db"));
        database.AsSpan(0, 100).Fill(0xff);
        new DatabaseFiles(database, new WalBuilder(512, salts: 7, bigEndian: false).Add(2, 2, new byte[512]).ToArray()).WriteTo(_volume.Database);

        var atFirst = Assert.Throws<OperatorException>(() => SourceDatabase.EnsureIsDatabase(SourceFile.Resolve(_volume.Database)));
        Assert.Contains("log does not hold the first page", atFirst.Message, StringComparison.Ordinal);
        var e = Assert.Throws<OperatorException>(() => SourceBench.Open(_volume.Database));
        Assert.Contains("is not a SQLite database: it starts with ffff", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Without the log the database would be an older state: SQLite refuses to open it, and so do we.</summary>
    [Fact]
    public void A_log_of_another_version_is_refused_as_SQLite_refuses_it()
    {
        var database = SqliteView.EmptyDatabase(4096, _volume.Elsewhere("empty.db"));
        var files = new DatabaseFiles(database, new WalBuilder(4096, salts: 1, bigEndian: false, version: 3_008_000).Add(2, 2, new byte[4096]).ToArray());

        Assert.Null(SqliteView.TryRecover(files, _volume.Elsewhere("truth.db")));
        files.WriteTo(_volume.Database);
        var e = Assert.Throws<OperatorException>(() => SourceBench.Open(_volume.Database));
        Assert.Contains("format version 3008000", e.Message, StringComparison.Ordinal);
        Assert.Contains(_volume.Database, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_page_that_was_cut_short_is_a_page_as_it_is_to_SQLite()
    {
        var files = SqliteView.Histories(_volume.Elsewhere(""))[2];
        AssertReadsAsRecovered(new DatabaseFiles(files.Database[..^100], []), mayRefuse: false);
    }

    [Fact]
    public void A_commit_behind_the_end_is_a_change_and_a_frame_without_one_is_none()
    {
        var database = SqliteView.EmptyDatabase(512, _volume.Elsewhere("empty.db"));
        var builder = new WalBuilder(512, salts: 7, bigEndian: false).Add(2, 2, new byte[512]);
        new DatabaseFiles(database, builder.ToArray()).WriteTo(_volume.Database);
        using var image = SourceBench.Open(_volume.Database);

        File.WriteAllBytes(_volume.Database + "-wal", builder.Add(3, 0, new byte[512]).ToArray());
        image.EnsureUnchanged();
        File.WriteAllBytes(_volume.Database + "-wal", builder.Add(3, 3, new byte[512]).ToArray());
        Assert.Throws<ImageChangedException>(image.EnsureUnchanged);
    }

    [Theory]
    [InlineData("another generation")]
    [InlineData("emptied")]
    [InlineData("gone")]
    [InlineData("a -shm beside it")]
    public void A_log_that_is_not_the_one_that_was_read_is_a_change(string what)
    {
        var database = SqliteView.EmptyDatabase(512, _volume.Elsewhere("empty.db"));
        new DatabaseFiles(database, new WalBuilder(512, salts: 7, bigEndian: false).Add(2, 2, new byte[512]).ToArray()).WriteTo(_volume.Database);
        using var image = SourceBench.Open(_volume.Database);
        var wal = _volume.Database + "-wal";
        switch (what)
        {
            case "another generation":
                File.WriteAllBytes(wal, new WalBuilder(512, salts: 8, bigEndian: false).Add(2, 2, new byte[512]).ToArray());
                break;
            case "emptied":
                File.WriteAllBytes(wal, []);
                break;
            case "gone":
                File.Delete(wal);
                break;
            default:
                File.WriteAllBytes(_volume.Database + "-shm", []);
                break;
        }

        Assert.Throws<ImageChangedException>(image.EnsureUnchanged);
    }

    [Fact]
    public void A_log_that_becomes_shorter_under_a_read_is_a_change()
    {
        var database = SqliteView.EmptyDatabase(512, _volume.Elsewhere("empty.db"));
        new DatabaseFiles(database, new WalBuilder(512, salts: 7, bigEndian: true).Add(2, 2, new byte[512]).ToArray()).WriteTo(_volume.Database);
        using var image = SourceBench.Open(_volume.Database);
        using (var wal = new FileStream(_volume.Database + "-wal", FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            wal.SetLength(100);
        }

        Assert.Throws<ImageChangedException>(() => image.ReadPages(1, new byte[1024]));
    }

    public void Dispose() => _volume.Dispose();

    private void AssertReadsAsRecovered(DatabaseFiles files, bool mayRefuse)
    {
        var truth = SqliteView.TryRecover(files, _volume.Elsewhere("truth.db"));
        var found = TryRead(files);

        Assert.True(found is not null || truth is null || mayRefuse, "SQLite reads what we refuse.");
        if (found is not null && truth is not null)
        {
            Assert.Equal(truth.Length, found.Length);
            var first = truth.AsSpan().CommonPrefixLength(found);
            Assert.True(first == truth.Length, $"Byte {first} of {truth.Length} differs.");
        }
    }

    private byte[]? TryRead(DatabaseFiles files)
    {
        files.WriteTo(_volume.Database);
        if (files.Wal.Length == 0)
        {
            File.Delete(_volume.Database + "-wal");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var image = SourceBench.Open(_volume.Database);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 8 << 20);

            // A header may claim any size: nothing is allocated on its word, by us neither.
            Assert.InRange(image.Facts.Shape.Bytes, 0, 64 << 20);
            var pages = new byte[image.Facts.Shape.Bytes];
            image.ReadPages(1, pages);
            image.EnsureUnchanged();
            Assert.False(File.Exists(_volume.Database + "-shm"));
            return pages;
        }
        catch (OperatorException e)
        {
            Assert.NotEmpty(e.Hint);
            return null;
        }
    }

    private static void Add(WalBuilder builder, (uint Page, uint Commit, byte Value)[] frames, byte[] database)
    {
        foreach (var (page, commit, value) in frames)
        {
            var content = new byte[database.Length];
            Array.Fill(content, value);
            if (page == 1)
            {
                // The user version is free; the rest of page 1 must stay a schema.
                database.CopyTo(content, 0);
                content[63] = value;
            }

            builder.Add(page, commit, content);
        }
    }

    private static byte[] Damaged(byte[] wal, int pageSizeBytes, int kind, int at, int length, ulong value)
    {
        var bytes = (byte[])wal.Clone();
        if (bytes.Length == 0)
        {
            return bytes;
        }

        at %= bytes.Length;
        var frameSize = pageSizeBytes + WalFormat.FrameHeaderSize;
        var frames = Math.Max(1, (bytes.Length - WalFormat.HeaderSize) / frameSize);
        switch (kind)
        {
            case 0:
                return bytes[..at];
            case 1:
                bytes[at] ^= (byte)(1 << (int)(value % 8));
                return bytes;
            case 2:
                new Random((int)(value % int.MaxValue)).NextBytes(bytes.AsSpan(at, Math.Min(length, bytes.Length - at)));
                return bytes;
            case 3:
                // A bit of a header: the page is left alone.
                bytes[Math.Min(bytes.Length - 1, WalFormat.HeaderSize + (at % frames * frameSize) + (length % 24))] ^= (byte)(1 << (int)(value % 8));
                return bytes;
            case 4 when bytes.Length >= WalFormat.HeaderSize + frameSize:
                // One frame stands where another belongs.
                bytes.AsSpan(WalFormat.HeaderSize + (at % frames * frameSize), frameSize)
                    .CopyTo(bytes.AsSpan(WalFormat.HeaderSize + ((int)(value % (uint)frames) * frameSize)));
                return bytes;
            default:
                return [.. bytes, .. wal[^at..]];
        }
    }
}
