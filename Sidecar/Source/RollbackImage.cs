using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>A database with a rollback journal. SHARED blocks every commit of the app, so it is taken window by window.</summary>
/// <remarks>
/// The change counter in the header grows with every commit in this mode, and is read under SHARED: if it stands where it stood,
/// the windows show one state. If the app commits in between, the read starts over; <c>hold</c> keeps one window open over the whole read.
/// </remarks>
internal sealed class RollbackImage : IDatabaseImage
{
    private const string TakeShared = "SELECT 1 FROM sqlite_schema LIMIT 1";

    /// <summary>How often a journal must look like that of an interrupted transaction to be taken for one: about a millisecond each.</summary>
    private const int InterruptedLooks = 500;

    private readonly SourceFile _source;
    private readonly SqliteReadConnection _connection;
    private readonly bool _hold;
    private readonly TimeProvider _time;
    private readonly Lock _window = new();
    private TimeSpan _longestWindow;
    private long _opened;

    /// <param name="connection">Holds SHARED already, and saw a header in rollback mode. Owned from here on.</param>
    /// <param name="hold">Keep SHARED until disposed: the app cannot commit meanwhile.</param>
    /// <param name="time">Measures the windows.</param>
    public RollbackImage(SourceFile source, SqliteReadConnection connection, bool hold, TimeProvider time)
    {
        _source = source;
        _connection = connection;
        _hold = hold;
        _time = time;
        _opened = time.GetTimestamp();
        if (source.Identity.LinkCount > 1)
        {
            throw SourceErrors.JournalElsewhere(source.Path, source.Identity.LinkCount);
        }

        BeginReading();
        var shape = new DatabaseShape(
            (int)connection.QueryInteger("read the page size", "PRAGMA page_size"),
            (uint)connection.QueryInteger("read the page count", "PRAGMA page_count"));
        var header = ReadHeader();
        Facts = new ImageFacts(
            shape,
            IsWal: false,
            header.ChangeCounter,
            header.SqliteVersionNumber,
            source.Identity,
            hold ? "rollback journal, one shared lock" : "rollback journal, in windows");
        if (!hold)
        {
            CloseWindow();
        }
    }

    public ImageFacts Facts { get; }

    public TimeSpan? LongestHold => _hold ? null : _longestWindow;

    public bool KeepsAppWaiting => _hold;

    public void ReadPages(uint firstPage, Span<byte> destination)
    {
        var last = (ulong)firstPage + (uint)(destination.Length / Facts.Shape.PageSizeBytes) - 1;
        if (firstPage == 0 || last > Facts.Shape.PageCount)
        {
            throw SourceErrors.OutsideImage(_source.Path, (uint)last, Facts.Shape.PageCount);
        }

        if (_hold)
        {
            _ = _connection.Database.TryRead(Facts.Shape.OffsetOf(firstPage), destination);
            return;
        }

        lock (_window)
        {
            OpenWindow();
            _ = _connection.Database.TryRead(Facts.Shape.OffsetOf(firstPage), destination);
            CloseWindow();
        }
    }

    public void EnsureUnchanged()
    {
        _source.EnsureSameFile();
        if (!_hold)
        {
            lock (_window)
            {
                OpenWindow();
                CloseWindow();
            }
        }
    }

    public void Dispose() => _connection.Dispose();

    private void OpenWindow()
    {
        // SHARED before any SQL: an app that has switched to WAL and left must not have its -wal created by us.
        LockShared();
        if (_source.HasWal || ReadHeader().ChangeCounter != Facts.ChangeCounter)
        {
            _connection.Database.Unlock();
            throw new ImageChangedException("the app committed between two windows of the read");
        }

        BeginReading();
    }

    /// <summary>Under SHARED already, which SQL knows of from here on.</summary>
    private void BeginReading()
    {
        _connection.Execute("begin reading", "BEGIN");
        if (_connection.TryExecute(TakeShared) is not raw.SQLITE_OK and var code)
        {
            _ = _connection.TryExecute("ROLLBACK");
            throw code == SourceErrors.ReadOnlyRollback && !StaysInterrupted()
                ? new ImageChangedException("the app was in a transaction that looked interrupted")
                : SourceErrors.FromSqlite(_source.Path, "take the shared lock", code);
        }
    }

    /// <summary>
    /// SQLite looks at the lock of a writer first, and at the journal then. A transaction that begins in between, of an app that writes its journal without a sync and keeps the file,
    /// looks like an interrupted one. At the next look its lock is seen; and an app that was just started may roll back what was interrupted.
    /// </summary>
    private bool StaysInterrupted()
    {
        for (var wait = new SpinWait(); wait.Count < InterruptedLooks; wait.SpinOnce(sleep1Threshold: 20))
        {
            // The refused SELECT let go of SHARED.
            LockShared();
            if (_source.HasWal || ReadHeader().IsWal || _connection.TryExecute(TakeShared) != SourceErrors.ReadOnlyRollback)
            {
                _connection.Database.Unlock();
                return false;
            }
        }

        return true;
    }

    private void LockShared()
    {
        if (!SourceDatabase.TryLockShared(_connection))
        {
            throw SourceErrors.StayedLocked(_source.Path, SqliteReadConnection.BusyWaitMax);
        }

        _opened = _time.GetTimestamp();
    }

    private void CloseWindow()
    {
        _connection.Execute("end a window", "COMMIT");
        var lasted = _time.GetElapsedTime(_opened);
        _longestWindow = lasted > _longestWindow ? lasted : _longestWindow;
    }

    private DatabaseHeader ReadHeader()
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Size];
        _ = _connection.Database.TryRead(0, bytes);
        if (!DatabaseHeader.TryParse(bytes, out var header, out var found))
        {
            throw SourceErrors.NotADatabase(_source.Path, found);
        }

        return header.IsWal ? throw new ImageChangedException("the app switched to WAL mode") : header;
    }
}
