using System.Runtime.InteropServices;
using BackupSidecar.Primitives;
using SQLitePCL;

namespace BackupSidecar.Source;

/// <summary>A file that SQLite holds open, reached through its VFS methods.</summary>
/// <remarks>
/// No descriptor of ours is opened on a live database: POSIX drops all locks of a process on a file when any of its descriptors is closed.
/// The VFS counts its own, so that reading and locking through it keeps SQLite's locks whole. Read with pread, thus safe in parallel.
/// Layout: sqlite3_file holds a pointer to sqlite3_io_methods {iVersion, xClose, xRead, xWrite, xTruncate, xSync, xFileSize, xLock, xUnlock, …} (sqlite3.h).
/// </remarks>
internal readonly unsafe partial struct SqliteFile
{
    private const int FileControlFilePointer = 7;
    private const int FileControlJournalPointer = 28;
    private const int ReadSlot = 2;
    private const int FileSizeSlot = 6;
    private const int LockSlot = 7;
    private const int UnlockSlot = 8;
    private const int ShmMapSlot = 13;
    private const int ShmMapVersionMin = 2;
    private const int LockNone = 0;
    private const int LockShared = 1;
    private const int ShortRead = raw.SQLITE_IOERR | (2 << 8);

    private readonly nint _file;
    private readonly string _name;

    private SqliteFile(nint file, string name)
    {
        _file = file;
        _name = name;
    }

    /// <summary>The database file. Valid while the connection is open.</summary>
    public static SqliteFile OfDatabase(sqlite3 connection, string path) => Get(connection, FileControlFilePointer, path);

    /// <summary>The write-ahead log. Ask again in every transaction, after its first SELECT: the pointer is not kept across them.</summary>
    public static SqliteFile OfWal(sqlite3 connection, string path) => Get(connection, FileControlJournalPointer, path + SourceFile.WalSuffix);

    public long Length
    {
        get
        {
            long length;
            var code = ((delegate* unmanaged[Cdecl]<nint, long*, int>)Method(FileSizeSlot))(_file, &length);
            return code == raw.SQLITE_OK ? length : throw SourceErrors.ReadFailed(_name, offset: 0, code);
        }
    }

    /// <summary>Fills the buffer from <paramref name="offset"/>.</summary>
    /// <returns>False if the file ends before; the rest of the buffer is then zero.</returns>
    public bool TryRead(long offset, Span<byte> destination)
    {
        fixed (byte* bytes = destination)
        {
            var code = ((delegate* unmanaged[Cdecl]<nint, byte*, int, long, int>)Method(ReadSlot))(_file, bytes, destination.Length, offset);
            return code switch
            {
                raw.SQLITE_OK => true,
                ShortRead => false,
                _ => throw SourceErrors.ReadFailed(_name, offset, code),
            };
        }
    }

    /// <summary>Takes SQLite's SHARED lock. While it is held nobody removes the -wal, and nobody changes the journal mode.</summary>
    /// <returns>False if another connection holds the database exclusively at this moment.</returns>
    public bool TryLockShared()
    {
        var code = ((delegate* unmanaged[Cdecl]<nint, int, int>)Method(LockSlot))(_file, LockShared);
        return code switch
        {
            raw.SQLITE_OK => true,
            raw.SQLITE_BUSY => false,
            _ => throw SourceErrors.LockFailed(_name, code),
        };
    }

    public void Unlock() => _ = ((delegate* unmanaged[Cdecl]<nint, int, int>)Method(UnlockSlot))(_file, LockNone);

    /// <summary>Where SQLite has mapped the first region of the log's index (-shm). Valid while the connection is open and in WAL mode.</summary>
    /// <returns>0 if there is none: nothing is created or extended for it.</returns>
    public nint TryMapIndex(int regionSizeBytes)
    {
        nint region = 0;
        return *(*(int**)_file) >= ShmMapVersionMin
            && ((delegate* unmanaged[Cdecl]<nint, int, int, int, nint*, int>)Method(ShmMapSlot))(_file, 0, regionSizeBytes, 0, &region) is raw.SQLITE_OK or raw.SQLITE_READONLY
                ? region
                : 0;
    }

    private static SqliteFile Get(sqlite3 connection, int control, string name)
    {
        nint file = 0;
        var code = FileControl(connection.DangerousGetHandle(), "main", control, &file);
        if (code != raw.SQLITE_OK || file == 0 || *(nint*)file == 0)
        {
            throw SourceErrors.HandleMissing(name, code);
        }

        return new SqliteFile(file, name);
    }

    private nint Method(int slot) => (*(nint**)_file)[slot];

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileControl(nint connection, string databaseName, int operation, void* argument);
}
