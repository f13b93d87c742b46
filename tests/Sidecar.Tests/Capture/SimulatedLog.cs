using System.Buffers.Binary;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Tests.Capture;

/// <summary>A database of small pages whose -wal and -shm are written here, byte by byte, under an application that has it open and does nothing.</summary>
/// <remarks>The layouts are from SQLite's documents (fileformat2, walformat). Nothing here decides anything: a test says what stands where.</remarks>
internal sealed class SimulatedLog : IAsyncDisposable
{
    public const int PageSize = 512;
    public const int HeaderSize = 32;
    public const int FrameSize = 24 + PageSize;

    private const int IndexHeaderSize = 48;
    private const int BackfilledOffset = 2 * IndexHeaderSize;
    private const int ReadMarks = 5;

    private readonly WriterProcess _app = WriterProcess.Start();
    private readonly ScratchVolume _volume = new();
    private SafeFileHandle _database = null!;
    private SafeFileHandle _wal = null!;
    private SafeFileHandle _shm = null!;

    public AttachedDatabase Attached { get; private set; } = null!;

    /// <summary>Page 1, with a page count of zero: SQLite then takes the index's word for it.</summary>
    public byte[] FirstPage { get; private set; } = [];

    /// <summary>What the index is to say.</summary>
    public ulong Salts { get; set; }

    public uint LastFrame { get; set; }

    public uint PageCount { get; set; }

    public uint CommitCounter { get; set; }

    public WalSum Sum { get; set; }

    public bool BigEndian { get; set; }

    public long WalLength => RandomAccess.GetLength(_wal);

    public static async Task<SimulatedLog> StartAsync()
    {
        var log = new SimulatedLog();
        await log._app.OpenAsync("app", log._volume.Database, $"PRAGMA page_size={PageSize}; PRAGMA journal_mode=WAL; SELECT 1 FROM sqlite_schema;");
        log._database = Open(log._volume.Database);
        log._wal = Open(log._volume.Database + "-wal");
        log._shm = Open(log._volume.Database + "-shm");
        log.FirstPage = new byte[PageSize];
        _ = RandomAccess.Read(log._database, log.FirstPage, 0);
        log.FirstPage.AsSpan(28, 4).Clear();
        log.WriteDatabase([log.FirstPage]);
        log.WriteIndex();
        log.Attached = log.Attach();
        return log;
    }

    /// <summary>Lets go of the database and attaches to it anew.</summary>
    public void Reattach()
    {
        Attached.Dispose();
        Attached = Attach();
    }

    public static long FrameOffset(uint frame) => HeaderSize + ((frame - 1L) * FrameSize);

    /// <summary>The log's header. Returns the sum that its first frame follows from.</summary>
    public WalSum WriteHeader(ulong salts)
    {
        var bytes = new byte[HeaderSize];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BigEndian ? 0x377f0683u : 0x377f0682u);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), 3_007_000);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), PageSize);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), salts);
        var sum = default(WalSum).Add(bytes.AsSpan(0, 24), BigEndian);
        WriteSum(sum, bytes.AsSpan(24));
        RandomAccess.Write(_wal, bytes, 0);
        return sum;
    }

    /// <param name="after">The sum of the frame before.</param>
    /// <param name="number">Where it stands.</param>
    /// <param name="salts">Its generation.</param>
    /// <param name="page">The page that it holds.</param>
    /// <param name="commit">Page count of the database; 0 for a frame that ends no commit.</param>
    /// <param name="content">Of the page.</param>
    public WalSum WriteFrame(WalSum after, uint number, ulong salts, uint page, uint commit, byte[] content)
    {
        var bytes = new byte[FrameSize];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, page);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), commit);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), salts);
        content.CopyTo(bytes, 24);
        var sum = after.Add(bytes.AsSpan(0, 8), BigEndian).Add(content, BigEndian);
        WriteSum(sum, bytes.AsSpan(16));
        RandomAccess.Write(_wal, bytes, FrameOffset(number));
        return sum;
    }

    /// <summary>One commit after the last one: a frame for each page, the index at last.</summary>
    public void Commit(uint pageCount, params (uint Page, byte[] Content)[] frames)
    {
        var sum = LastFrame == 0 ? WriteHeader(Salts) : Sum;
        for (var i = 0; i < frames.Length; i++)
        {
            sum = WriteFrame(sum, LastFrame + 1 + (uint)i, Salts, frames[i].Page, i == frames.Length - 1 ? pageCount : 0, frames[i].Content);
        }

        (Sum, LastFrame, PageCount, CommitCounter) = (sum, LastFrame + (uint)frames.Length, pageCount, CommitCounter + 1);
        WriteIndex();
    }

    /// <summary>As SQLite does it when everything is backfilled: the index alone says so, until the next frame is written.</summary>
    public void Reset(uint secondSalt)
    {
        (Salts, LastFrame) = (((ulong)unchecked((uint)(Salts >> 32) + 1) << 32) | secondSalt, 0);
        WriteIndex();
    }

    public void WriteIndex()
    {
        Span<byte> header = stackalloc byte[IndexHeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 3_007_000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], CommitCounter);
        header[12] = 1;
        header[13] = BigEndian ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(header[14..], Salts == 0 ? (ushort)0 : (ushort)PageSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], LastFrame);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], PageCount);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], Sum.First);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], Sum.Second);
        BinaryPrimitives.WriteUInt64BigEndian(header[32..], Salts);
        var sum = default(WalSum).Add(header[..40], bigEndian: false);
        BinaryPrimitives.WriteUInt32LittleEndian(header[40..], sum.First);
        BinaryPrimitives.WriteUInt32LittleEndian(header[44..], sum.Second);
        RandomAccess.Write(_shm, header, IndexHeaderSize);
        RandomAccess.Write(_shm, header, 0);

        // Nothing is backfilled as far as SQLite may know, and no read mark is in use but the one for an empty log.
        Span<byte> rest = stackalloc byte[4 + (4 * ReadMarks)];
        rest.Fill(0xff);
        rest[..8].Clear();
        RandomAccess.Write(_shm, rest, BackfilledOffset);
    }

    /// <summary>A writer was killed between the two copies of the index.</summary>
    public void TearIndex() => RandomAccess.Write(_shm, [0xee], 8);

    public void Cut(long length) => RandomAccess.SetLength(_wal, length);

    public void Overwrite(long offset, params byte[] bytes) => RandomAccess.Write(_wal, bytes, offset);

    public byte[] ReadWal()
    {
        var bytes = new byte[WalLength];
        _ = RandomAccess.Read(_wal, bytes, 0);
        return bytes;
    }

    /// <summary>What a checkpoint makes of the database file.</summary>
    public void WriteDatabase(IReadOnlyList<byte[]> pages)
    {
        RandomAccess.SetLength(_database, (long)pages.Count * PageSize);
        for (var i = 0; i < pages.Count; i++)
        {
            RandomAccess.Write(_database, pages[i], (long)i * PageSize);
        }
    }

    /// <summary>The database as a read transaction sees it, and the cursor there.</summary>
    public (List<byte[]> Pages, WalCursor Cursor) ReadImage()
    {
        using var image = Attached.OpenImage();
        List<byte[]> pages = [];
        for (uint page = 1; page <= image.Facts.Shape.PageCount; page++)
        {
            var bytes = new byte[PageSize];
            image.ReadPages(page, bytes);
            pages.Add(bytes);
        }

        image.EnsureUnchanged();
        return (pages, image.Facts.Cursor!.Value);
    }

    public async ValueTask DisposeAsync()
    {
        Attached.Dispose();
        _database.Dispose();
        _wal.Dispose();
        _shm.Dispose();
        await _app.DisposeAsync();
        _volume.Dispose();
    }

    private AttachedDatabase Attach() => AttachedDatabase.TryAttach(SourceFile.Resolve(_volume.Database), out var reason) ?? throw new InvalidOperationException(reason);

    private static void WriteSum(WalSum sum, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, sum.First);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], sum.Second);
    }

    private static SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}
