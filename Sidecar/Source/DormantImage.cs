using System.Buffers.Binary;
using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>A database in WAL mode to which no app is attached: opening it through SQL would create its -wal and -shm.</summary>
/// <remarks>
/// Read under SQLite's own SHARED lock, taken on SQLite's own handle, which keeps away recovery by an exclusive connection and the removal of the -wal.
/// Frames of a -wal that an app left behind are read as SQLite's recovery would: while salts and running checksum hold, up to the last commit.
/// If an app attaches meanwhile (a -shm or -wal appears, or the log changes), what was read is discarded.
/// </remarks>
internal sealed class DormantImage : IDatabaseImage
{
    private const int PageSizeBytesOfEmpty = 4096;
    private const int PageCountOffset = 28;
    private const int VersionValidForOffset = 92;
    private const int ChangeCounterOffset = 24;

    private readonly SourceFile _source;
    private readonly SqliteReadConnection _connection;
    private readonly DormantWal? _wal;
    private readonly bool _hadWal;
    private readonly bool _hadShm;
    private bool _disposed;

    /// <param name="source">What is read.</param>
    /// <param name="connection">Holds SHARED, since before it was seen what lies beside the database: none of that can go, but an app may make what was not there. Owned from here on.</param>
    /// <param name="hadWal">True: a -wal was there.</param>
    /// <param name="hadShm">True: a -shm was there.</param>
    public DormantImage(SourceFile source, SqliteReadConnection connection, bool hadWal, bool hadShm)
    {
        _source = source;
        _connection = connection;
        _hadWal = hadWal;
        _hadShm = hadShm;
        EnsureNoHotJournal();
        _wal = _hadWal ? DormantWal.Open(source.Path + SourceFile.WalSuffix) : null;
        try
        {
            if (_hadShm && _wal is { Generation: 0 })
            {
                // Without salts a commit that is copied into the database at once could not be seen.
                throw new ImageChangedException("its -wal was emptied while it was opened");
            }

            Facts = ReadFacts();
        }
        catch (OperatorException) when (HasChanged)
        {
            _wal?.Dispose();
            throw Changed();
        }
        catch
        {
            _wal?.Dispose();
            throw;
        }
    }

    public ImageFacts Facts { get; }

    private bool HasChanged => _source.HasWal != _hadWal || _source.HasShm != _hadShm;

    public void ReadPages(uint firstPage, Span<byte> destination)
    {
        var shape = Facts.Shape;
        var count = (uint)(destination.Length / shape.PageSizeBytes);
        if (firstPage == 0 || (ulong)firstPage + count - 1 > shape.PageCount)
        {
            throw SourceErrors.OutsideImage(_source.Path, firstPage + count - 1, shape.PageCount);
        }

        _ = _connection.Database.TryRead(shape.OffsetOf(firstPage), destination);
        _wal?.Overlay(firstPage, shape.PageSizeBytes, destination);
    }

    public void EnsureUnchanged()
    {
        _source.EnsureSameFile();
        if (HasChanged)
        {
            throw Changed();
        }

        _wal?.EnsureUnchanged();
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _wal?.Dispose();
            _connection.Database.Unlock();
            _connection.Dispose();
        }
    }

    private static ImageChangedException Changed() => new("an app opened the database while it was read");

    private ImageFacts ReadFacts()
    {
        var reading = _wal is { LastFrame: > 0 } ? "no app attached, write-ahead log left behind" : "no app attached";
        var length = _connection.Database.Length;
        if (length == 0)
        {
            if (_wal is { LastFrame: > 0 })
            {
                throw SourceErrors.NeedsRecovery(_source.Path, "the file is empty, but its write-ahead log is not");
            }

            return new ImageFacts(new DatabaseShape(PageSizeBytesOfEmpty, 0), IsWal: false, 0, 0, _source.Identity, reading);
        }

        Span<byte> bytes = stackalloc byte[DatabaseHeader.Size];
        if (_wal is null || !_wal.TryReadDatabaseHeader(bytes))
        {
            _ = _connection.Database.TryRead(0, bytes);
        }

        if (!DatabaseHeader.TryParse(bytes, out var header, out var found))
        {
            throw SourceErrors.NotADatabase(_source.Path, found);
        }

        if (header.IsWal && !_hadWal && _source.Identity.LinkCount > 1)
        {
            throw SourceErrors.LogElsewhere(_source.Path, _source.Identity.LinkCount);
        }

        if (_wal is { LastFrame: > 0 } wal && wal.PageSizeBytes != header.PageSizeBytes)
        {
            throw SourceErrors.NeedsRecovery(_source.Path, $"its write-ahead log has pages of {wal.PageSizeBytes} bytes, the database of {header.PageSizeBytes}");
        }

        return new ImageFacts(
            new DatabaseShape(header.PageSizeBytes, PageCount(bytes, header.PageSizeBytes, length)),
            header.IsWal,
            0,
            header.SqliteVersionNumber,
            _source.Identity,
            reading);
    }

    /// <summary>As SQLite finds it: the last commit of the log, else the header if it vouches for itself, else the file's length.</summary>
    private uint PageCount(ReadOnlySpan<byte> header, int pageSizeBytes, long length)
    {
        if (_wal is { LastFrame: > 0 } wal)
        {
            return wal.PageCount;
        }

        // Rounded up: a page that a crash cut short is one to SQLite, and its rest is zero.
        var inFile = (uint)((length + pageSizeBytes - 1) / pageSizeBytes);
        var inHeader = BinaryPrimitives.ReadUInt32BigEndian(header[PageCountOffset..]);
        var vouched = header.Slice(ChangeCounterOffset, 4).SequenceEqual(header.Slice(VersionValidForOffset, 4));
        if (!vouched || inHeader == 0)
        {
            return inFile;
        }

        return inHeader <= inFile
            ? inHeader
            : throw SourceErrors.Truncated(_source.Path, inHeader, inFile);
    }

    private void EnsureNoHotJournal()
    {
        if (DormantWal.StartsWithNonZero(_source.Path + SourceFile.JournalSuffix))
        {
            throw SourceErrors.NeedsRecovery(_source.Path, "a transaction was interrupted and its rollback journal is still there (SQLite error 776)");
        }
    }
}
