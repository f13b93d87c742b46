using System.Buffers;
using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Capture;

/// <summary>The frames of one generation of a log after a cursor, in one chain: salts and running checksum of each follow from the one before.</summary>
/// <remarks>
/// Read without a lock, in two passes. The first one goes through the frames in order and keeps of each 24 bytes: page, frame, checksum before and after. The
/// second reads single pages, and what it reads must lead from the one checksum to the other. So every byte that is used was proved in the
/// buffer that it is used from, and memory is bounded by the number of frames.
/// </remarks>
internal sealed class WalTail
{
    /// <summary>24 MB of memory; 4 GB of log with 4 KiB pages. A capture that is further behind compares page hashes.</summary>
    public const uint FramesMax = 1 << 20;

    private const int ReadSizeBytes = 256 * 1024;

    private readonly SqliteFile _wal;
    private readonly WalIndexHeader _log;
    private readonly int _frameSize;
    private readonly List<Frame> _frames = [];
    private readonly byte[] _commitBefore;

    /// <param name="wal">The log.</param>
    /// <param name="log">Its salts, page size and byte order. Of another generation: <see cref="Salts"/> says which.</param>
    /// <param name="salts">The generation that is read.</param>
    public WalTail(SqliteFile wal, WalIndexHeader log, ulong salts)
    {
        _wal = wal;
        _log = log;
        Salts = salts;
        _frameSize = WalFormat.FrameHeaderSize + log.PageSizeBytes;
        _commitBefore = new byte[_frameSize];
    }

    public ulong Salts { get; }

    /// <summary>The checksum of the last frame that was read.</summary>
    public WalChecksum Checksum { get; private set; }

    public uint LastFrame { get; private set; }

    /// <summary>Frames that end a commit: as many as commits, if <see cref="RepeatsCommits"/> is false.</summary>
    public uint Commits { get; private set; }

    /// <summary>The last frame of a commit stands there twice in a row: SQLite repeats it to fill up a sector of the disk, and a commit that changed nothing looks the same.</summary>
    public bool RepeatsCommits { get; private set; }

    /// <summary>Of the database at the last commit that was read; 0 without one.</summary>
    public uint PageCount { get; private set; }

    /// <summary>Pages that a frame holds; after <see cref="KeepNewest"/> ascending and each once.</summary>
    public IEnumerable<uint> Pages => _frames.Select(frame => frame.Page);

    public int Count => _frames.Count;

    /// <summary>Reads frame after frame, until one does not follow from the one before, or <paramref name="last"/> is read.</summary>
    /// <param name="after">Checksum of the frame before the first one.</param>
    /// <param name="first">Where the reading begins.</param>
    /// <param name="last">Where it ends, at most.</param>
    public void ReadChain(WalChecksum after, uint first, uint last)
    {
        (Checksum, LastFrame) = (after, first - 1);
        var framesAtOnce = (uint)Math.Max(1, ReadSizeBytes / _frameSize);
        var buffer = ArrayPool<byte>.Shared.Rent((int)(Math.Min(framesAtOnce, last - first + 1) * _frameSize));
        try
        {
            for (var frame = first; frame <= last;)
            {
                var count = Math.Min(framesAtOnce, last - frame + 1);
                var bytes = buffer.AsSpan(0, (int)count * _frameSize);

                // What lies behind the end of the file comes out as zero, and does not follow from anything.
                _ = _wal.TryRead(WalFormat.FrameOffset(frame, _log.PageSizeBytes), bytes);
                for (var i = 0; i < count; i++, frame++)
                {
                    if (!TryAdd(frame, bytes.Slice(i * _frameSize, _frameSize)))
                    {
                        return;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Of each page only its newest frame, of pages up to <paramref name="pageCount"/>, in page order.</summary>
    public void KeepNewest(uint pageCount)
    {
        _frames.Sort((left, right) => left.Page != right.Page ? left.Page.CompareTo(right.Page) : left.Number.CompareTo(right.Number));
        var kept = 0;
        for (var i = 0; i < _frames.Count && _frames[i].Page <= pageCount; i++)
        {
            if (i + 1 == _frames.Count || _frames[i].Page != _frames[i + 1].Page)
            {
                _frames[kept++] = _frames[i];
            }
        }

        _frames.RemoveRange(kept, _frames.Count - kept);
    }

    /// <summary>Reads the page of one of the kept frames again.</summary>
    /// <exception cref="ImageChangedException">The frame is no longer what it was: the log was started anew.</exception>
    public void ReadPage(int index, Span<byte> page)
    {
        var frame = _frames[index];
        var buffer = ArrayPool<byte>.Shared.Rent(_frameSize);
        try
        {
            var bytes = buffer.AsSpan(0, _frameSize);
            if (!_wal.TryRead(WalFormat.FrameOffset(frame.Number, _log.PageSizeBytes), bytes) || Follow(frame.Before, bytes) != frame.After)
            {
                throw new ImageChangedException($"frame {frame.Number} of the write-ahead log was overwritten while it was captured");
            }

            bytes[WalFormat.FrameHeaderSize..].CopyTo(page);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryAdd(uint number, ReadOnlySpan<byte> bytes)
    {
        if (WalFormat.FrameSalts(bytes) != Salts || WalFormat.FramePage(bytes) == 0)
        {
            return false;
        }

        var checksum = Follow(Checksum, bytes);
        if (checksum != WalFormat.FrameChecksum(bytes))
        {
            return false;
        }

        _frames.Add(new Frame(WalFormat.FramePage(bytes), number, Checksum, checksum));
        (Checksum, LastFrame) = (checksum, number);
        if (WalFormat.FrameCommitPageCount(bytes) is var pageCount and > 0)
        {
            Commits++;
            PageCount = pageCount;
            RepeatsCommits |= IsSame(bytes, _commitBefore);
            bytes.CopyTo(_commitBefore);
        }
        else
        {
            // What comes next does not follow a commit.
            _commitBefore.AsSpan(0, WalFormat.ChecksummedFrameHeaderSize).Clear();
        }

        return true;
    }

    /// <summary>Page number, page count and content; the checksum of a repeated frame is another one.</summary>
    private static bool IsSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one[..WalFormat.ChecksummedFrameHeaderSize].SequenceEqual(other[..WalFormat.ChecksummedFrameHeaderSize])
        && one[WalFormat.FrameHeaderSize..].SequenceEqual(other[WalFormat.FrameHeaderSize..]);

    /// <summary>The checksum after a frame, computed from its bytes.</summary>
    private WalChecksum Follow(WalChecksum before, ReadOnlySpan<byte> frame) => before
        .Add(frame[..WalFormat.ChecksummedFrameHeaderSize], _log.IsBigEndian)
        .Add(frame[WalFormat.FrameHeaderSize..], _log.IsBigEndian);

    private readonly record struct Frame(uint Page, uint Number, WalChecksum Before, WalChecksum After);
}
