using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>A database in WAL mode, seen by one read transaction: the newest frame up to its read mark for each page, else the database file.</summary>
/// <remarks>
/// (1) One SELECT, so that the log is open. (2) BEGIN and at once sqlite3_snapshot_get: SQLite then takes a read mark above 0
/// unless the log has no frame to protect. On mark 0 with frames the rule above would be false, since a writer may overwrite them.
/// (3) The page count by PRAGMA in the same transaction. The mark keeps checkpoints from passing it until this is disposed.
/// </remarks>
internal sealed class LiveWalImage : IDatabaseImage
{
    private readonly SourceFile _source;
    private readonly SqliteReadConnection _connection;
    private readonly bool _ownsConnection;
    private readonly WalPageMap _map = new();
    private readonly WalIndexHeader? _snapshot;
    private readonly List<uint> _alikeCommits = [];
    private readonly SqliteFile _wal;
    private bool _isDisposed;

    /// <param name="source">What is read.</param>
    /// <param name="connection">Holds SHARED already, so that the log cannot vanish before it is opened.</param>
    /// <param name="ownsConnection">False: disposing only ends the transaction.</param>
    public LiveWalImage(SourceFile source, SqliteReadConnection connection, bool ownsConnection)
    {
        _source = source;
        _connection = connection;
        _ownsConnection = ownsConnection;
        connection.Execute("open the write-ahead log", "SELECT 1 FROM sqlite_schema LIMIT 1");
        connection.Execute("begin reading", "BEGIN");
        try
        {
            _snapshot = connection.TryGetSnapshot();
            var shape = new DatabaseShape(
                (int)connection.QueryInteger("read the page size", "PRAGMA page_size"),
                (uint)connection.QueryInteger("read the page count", "PRAGMA page_count"));
            if (_snapshot is { LastFrame: > 0 } snapshot)
            {
                _wal = connection.Wal();
                ReadFrames(snapshot, shape.PageSizeBytes);
            }

            Facts = new ImageFacts(shape, IsWal: true, _snapshot?.CommitCounter ?? 0, VersionNumber(shape), source.Identity, "write-ahead log, one read transaction")
            {
                Cursor = Cursor(shape),
            };
        }
        catch when (!ownsConnection)
        {
            // The connection lives on: it must not keep the read mark, nor a transaction that the next image could not begin.
            _ = connection.TryExecute("ROLLBACK");
            throw;
        }
    }

    public ImageFacts Facts { get; }

    public bool KeepsAppWaiting => true;

    /// <summary>Frames that end a commit in the log, as far as the read transaction sees it: as many as commits, if <see cref="RepeatsCommits"/> is false.</summary>
    public uint CommitsInLog { get; private set; }

    /// <summary>The pages that the log holds, as far as the read transaction sees it; ascending.</summary>
    public IEnumerable<uint> PagesInLog => _map.Pages;

    /// <summary>True if the last frame of a commit stands in the log twice in a row: SQLite repeats it to fill up a sector of the disk, and a commit that changed nothing looks the same.</summary>
    public bool RepeatsCommits()
    {
        var pages = new byte[2][] { new byte[Facts.Shape.PageSizeBytes], new byte[Facts.Shape.PageSizeBytes] };
        return _alikeCommits.Exists(frame =>
        {
            for (uint i = 0; i < 2; i++)
            {
                _ = _wal.TryRead(WalFormat.FrameOffset(frame - i, Facts.Shape.PageSizeBytes) + WalFormat.FrameHeaderSize, pages[i]);
            }

            return pages[0].AsSpan().SequenceEqual(pages[1]);
        });
    }

    public void ReadPages(uint firstPage, Span<byte> destination)
    {
        var shape = Facts.Shape;
        var count = (uint)(destination.Length / shape.PageSizeBytes);
        if (firstPage == 0 || (ulong)firstPage + count - 1 > shape.PageCount)
        {
            throw SourceErrors.OutsideImage(_source.Path, firstPage + count - 1, shape.PageCount);
        }

        var inWal = _map.Range(firstPage, (ulong)firstPage + count);
        if (inWal.Length < count)
        {
            _ = _connection.Database.TryRead(shape.OffsetOf(firstPage), destination);
        }

        foreach (var entry in inWal)
        {
            var page = destination.Slice((int)(WalPageMap.Page(entry) - firstPage) * shape.PageSizeBytes, shape.PageSizeBytes);
            if (!_wal.TryRead(WalFormat.FrameOffset(WalPageMap.Frame(entry), shape.PageSizeBytes) + WalFormat.FrameHeaderSize, page))
            {
                throw new ImageChangedException($"the write-ahead log ended before frame {WalPageMap.Frame(entry)}");
            }
        }
    }

    public void EnsureUnchanged()
    {
        _source.EnsureSameFile();
        if (_snapshot is { LastFrame: > 0 } snapshot)
        {
            Span<byte> frame = stackalloc byte[WalFormat.FrameHeaderSize];
            EnsureLastFrame(snapshot, ReadFrameHeader(snapshot, snapshot.LastFrame, Facts.Shape.PageSizeBytes, frame));
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (_ownsConnection)
        {
            _connection.Dispose();
        }
        else
        {
            _connection.Execute("end reading", "COMMIT");
        }
    }

    /// <summary>Where a later capture goes on: after the last frame that this image sees.</summary>
    /// <remarks>
    /// Of an empty log there is no snapshot, so the index is looked at again. It is still the one that the transaction saw if it has no frame
    /// now: a log with frames is started anew only after a checkpoint, and that waits for whoever reads the database file alone (read mark 0).
    /// </remarks>
    private WalCursor? Cursor(DatabaseShape shape)
    {
        if (_snapshot is { } snapshot)
        {
            return WalCursor.At(snapshot, shape.PageCount);
        }

        return WalIndex.TryOpen(_connection) is { } index && index.TryRead(out var header) && header.LastFrame == 0
            ? WalCursor.At(header, shape.PageCount)
            : null;
    }

    /// <summary>Frame headers only, and with them two proofs that the log is the one that the snapshot means: salts of every frame, checksum of the last.</summary>
    private void ReadFrames(WalIndexHeader snapshot, int pageSizeBytes)
    {
        if (snapshot.LastFrame > WalPageMap.FramesMax)
        {
            throw SourceErrors.WalTooLong(_source.Path, snapshot.LastFrame, WalPageMap.FramesMax);
        }

        Span<byte> header = stackalloc byte[WalFormat.FrameHeaderSize];
        (uint Page, uint PageCount) before = default;
        for (uint number = 1; number <= snapshot.LastFrame; number++)
        {
            var frame = ReadFrameHeader(snapshot, number, pageSizeBytes, header);
            var (page, pageCount) = (WalFormat.FramePage(frame), WalFormat.FrameCommitPageCount(frame));
            _map.Add(page, number);
            if (pageCount > 0)
            {
                CommitsInLog++;
                if (before == (page, pageCount))
                {
                    _alikeCommits.Add(number);
                }
            }

            before = (page, pageCount);
        }

        EnsureLastFrame(snapshot, header);
        _map.Complete();
    }

    private ReadOnlySpan<byte> ReadFrameHeader(WalIndexHeader snapshot, uint number, int pageSizeBytes, Span<byte> header)
    {
        if (!_wal.TryRead(WalFormat.FrameOffset(number, pageSizeBytes), header) || WalFormat.FrameSalts(header) != snapshot.Salts)
        {
            throw new ImageChangedException($"frame {number} of the write-ahead log is not of the generation that the read transaction pinned");
        }

        return header;
    }

    private static void EnsureLastFrame(WalIndexHeader snapshot, ReadOnlySpan<byte> header)
    {
        if (WalFormat.FrameChecksum(header) != snapshot.Checksum)
        {
            throw new ImageChangedException($"frame {snapshot.LastFrame} of the write-ahead log is not the commit that the read transaction pinned");
        }
    }

    private uint VersionNumber(DatabaseShape shape)
    {
        if (shape.PageCount == 0)
        {
            return 0;
        }

        Span<byte> header = stackalloc byte[DatabaseHeader.Size];
        _ = _connection.Database.TryRead(0, header);
        return DatabaseHeader.TryParse(header, out var parsed, out _) ? parsed.SqliteVersionNumber : 0;
    }
}
