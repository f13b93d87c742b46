using System.Buffers.Binary;
using BackupSidecar.Primitives;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Source;

/// <summary>A -wal that no connection has open, read by a descriptor of our own: SQLite keeps no lock on it, so that closing it costs none.</summary>
internal sealed class DormantWal : IDisposable
{
    private const int ReadSizeBytes = 1 << 20;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly WalPageMap _map = new();
    private WalHeader _header;

    private DormantWal(string path, SafeFileHandle file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>The salts, or 0 if no valid header is there.</summary>
    public ulong Generation { get; private set; }

    /// <summary>The last frame that ends a commit, or 0.</summary>
    public uint LastFrame { get; private set; }

    public uint PageCount { get; private set; }

    public int PageSizeBytes => _header.PageSizeBytes;

    public static DormantWal Open(string path) => TryOpen(path) ?? throw new ImageChangedException("the -wal vanished while it was opened");

    /// <returns>Null if there is none.</returns>
    public static DormantWal? TryOpen(string path)
    {
        if (OpenFile(path) is not { } file)
        {
            return null;
        }

        var wal = new DormantWal(path, file);
        try
        {
            wal.ReadFrames();
            return wal;
        }
        catch
        {
            wal.Dispose();
            throw;
        }
    }

    /// <summary>True if a journal at this path would be rolled back: SQLite zeroes or removes it when a transaction ends.</summary>
    public static bool StartsWithNonZero(string path)
    {
        using var file = OpenFile(path);
        Span<byte> first = stackalloc byte[1];
        return file is not null && RandomAccess.Read(file, first, 0) == 1 && first[0] != 0;
    }

    /// <summary>The first bytes of the database, as the last commit of the log left them.</summary>
    /// <returns>False if the log does not hold them.</returns>
    public bool TryReadDatabaseHeader(Span<byte> destination) =>
        _map.Range(1, endPage: 2) is [var entry]
        && ReadAt(WalFormat.FrameOffset(WalPageMap.Frame(entry), PageSizeBytes) + WalFormat.FrameHeaderSize, destination) == destination.Length;

    public void Overlay(uint firstPage, int pageSizeBytes, Span<byte> destination)
    {
        foreach (var entry in _map.Range(firstPage, (ulong)firstPage + (uint)(destination.Length / pageSizeBytes)))
        {
            var page = destination.Slice((int)(WalPageMap.Page(entry) - firstPage) * pageSizeBytes, pageSizeBytes);
            var offset = WalFormat.FrameOffset(WalPageMap.Frame(entry), pageSizeBytes) + WalFormat.FrameHeaderSize;
            if (ReadAt(offset, page) != page.Length)
            {
                throw new ImageChangedException("the -wal became shorter while it was read");
            }
        }
    }

    /// <exception cref="ImageChangedException">The log has another generation, or more commits, than when it was opened.</exception>
    public void EnsureUnchanged()
    {
        using var now = Open(_path);
        if (now.Generation != Generation || now.LastFrame != LastFrame)
        {
            throw new ImageChangedException("an app wrote to the database while it was read");
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Follows SQLite's recovery (wal.c, walIndexRecover): the first frame that does not fit ends the log.</summary>
    private void ReadFrames()
    {
        Span<byte> headerBytes = stackalloc byte[WalFormat.HeaderSize];
        if (ReadAt(0, headerBytes) != headerBytes.Length || !WalFormat.TryReadHeader(headerBytes, out _header))
        {
            return;
        }

        if (_header.FormatVersion != WalFormat.Version)
        {
            throw SourceErrors.NeedsRecovery(
                _path[..^SourceFile.WalSuffix.Length], $"its write-ahead log has format version {_header.FormatVersion}, this program reads {WalFormat.Version}");
        }

        Generation = _header.Salts;
        var frameSize = WalFormat.FrameHeaderSize + _header.PageSizeBytes;
        var buffer = new byte[Math.Max(frameSize, ReadSizeBytes / frameSize * frameSize)];
        var checksum = _header.Checksum;
        var committedEntries = 0;
        uint number = 0;
        for (var length = ReadAt(WalFormat.HeaderSize, buffer); length >= frameSize; length = ReadAt(WalFormat.FrameOffset(number + 1, _header.PageSizeBytes), buffer))
        {
            for (var at = 0; at + frameSize <= length; at += frameSize)
            {
                var frame = buffer.AsSpan(at, frameSize);
                if (!TryAccept(frame, ref checksum))
                {
                    EndAt(committedEntries);
                    return;
                }

                _map.Add(WalFormat.FramePage(frame), ++number);
                if (number > WalPageMap.FramesMax)
                {
                    throw SourceErrors.WalTooLong(_path, number, WalPageMap.FramesMax);
                }

                if (WalFormat.FrameCommitPageCount(frame) is var pageCount and > 0)
                {
                    (LastFrame, PageCount, committedEntries) = (number, pageCount, _map.Count);
                }
            }
        }

        EndAt(committedEntries);
    }

    private bool TryAccept(ReadOnlySpan<byte> frame, ref WalChecksum checksum)
    {
        if (WalFormat.FrameSalts(frame) != _header.Salts || WalFormat.FramePage(frame) == 0)
        {
            return false;
        }

        checksum = checksum
            .Add(frame[..WalFormat.ChecksummedFrameHeaderSize], _header.IsBigEndian)
            .Add(frame[WalFormat.FrameHeaderSize..], _header.IsBigEndian);
        return checksum == WalFormat.FrameChecksum(frame);
    }

    private void EndAt(int committedEntries)
    {
        _map.Truncate(committedEntries);
        _map.Complete();
    }

    private int ReadAt(long offset, Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var read = RandomAccess.Read(_file, destination[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    private static SafeFileHandle? OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OperatorException(FailureKind.Failed, $"{path} cannot be opened: {e.Message}", "Run the sidecar under the app's uid, or give both a common group.", e);
        }
    }
}
