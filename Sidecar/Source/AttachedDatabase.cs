using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>A connection that stays open beside an application which has the database open in WAL mode. Between its images it holds what an idle reader holds, and no read mark.</summary>
/// <remarks>
/// That is SHARED on the database and the shared DMS lock on -shm: while they are held nobody removes the -wal or changes the journal mode, so
/// that the log and its index stay the files that they are. Disposing leaves -wal and -shm as they are. Used by one thread at a time, but for what says otherwise.
/// </remarks>
internal sealed class AttachedDatabase : IDisposable
{
    private readonly SqliteReadConnection _connection;
    private readonly WalIndex _index;
    private readonly FileIdentity _walIdentity;
    private readonly FileIdentity _shmIdentity;
    private readonly AttachmentProbe _probe;
    private uint _commitCounter;

    private AttachedDatabase(
        SourceFile source, SqliteReadConnection connection, WalIndex index, FileIdentity walIdentity, FileIdentity shmIdentity, AttachmentProbe probe)
    {
        Source = source;
        _connection = connection;
        _index = index;
        _walIdentity = walIdentity;
        _shmIdentity = shmIdentity;
        _probe = probe;
    }

    public SourceFile Source { get; }

    /// <summary>The database file itself: what it holds is newest only for pages that no frame of the log has.</summary>
    public SqliteFile Database => _connection.Database;

    /// <summary>The log. Asked for again at every use.</summary>
    public SqliteFile Wal => _connection.Wal();

    /// <summary>
    /// The count of commits was seen to go back: the log was recovered (who wrote its index was killed while doing so), and counts are no longer to be compared with
    /// earlier ones. To be detached from, and attached to anew.
    /// </summary>
    public bool WasRecovered { get; private set; }

    /// <summary>Attaches if another process has the database open in WAL mode. Creates nothing.</summary>
    /// <param name="source">A file that no connection of this process has open.</param>
    /// <param name="reason">Why not, as a part of a sentence.</param>
    /// <exception cref="OperatorException">It cannot be opened, or stays locked.</exception>
    public static AttachedDatabase? TryAttach(SourceFile source, out string reason)
    {
        reason = "no app has the database open in WAL mode";
        if (!source.HasWal || !source.HasShm || !AttachmentProbe.IsAnyAttached(source))
        {
            return null;
        }

        var connection = SqliteReadConnection.Open(source.Path);
        AttachedDatabase? attached = null;
        try
        {
            attached = TryAttach(source, connection, out reason);
            return attached;
        }
        finally
        {
            if (attached is null)
            {
                connection.Dispose();
            }
        }
    }

    /// <summary>What the index says now. Takes no lock and never waits.</summary>
    /// <returns>False while a writer changes it, or a recovery goes on: try again soon.</returns>
    public bool TryReadIndex(out WalIndexHeader header)
    {
        if (!_index.TryRead(out header))
        {
            return false;
        }

        WasRecovered |= header.CommitCounter < _commitCounter;
        _commitCounter = header.CommitCounter;
        return true;
    }

    /// <summary>True if a process other than this one has the database open in WAL mode.</summary>
    public bool IsAnotherAttached() => _probe.IsAnotherAttached();

    /// <summary>True while a process other than this one checkpoints, or waits for readers in order to start the log anew.</summary>
    public bool IsAnotherCheckpointing() => _probe.IsAnotherCheckpointing();

    /// <summary>True while a transaction of another process writes: from before its first frame until its commit can be seen in the index.</summary>
    public bool IsAnotherWriting() => _probe.IsAnotherWriting();

    /// <summary>The read marks that other processes hold at this moment. From any thread, until this is disposed.</summary>
    /// <exception cref="ImageChangedException">The index is no longer open.</exception>
    public IReadOnlyList<HeldReadMark> ReadMarks()
    {
        List<HeldReadMark> held = [];
        for (var mark = 0; mark < WalIndex.ReadMarkCount; mark++)
        {
            if (_probe.FindHolderOfReadMark(mark) is { } holder)
            {
                held.Add(new HeldReadMark(mark, _index.ReadMark(mark), holder));
            }
        }

        return held;
    }

    /// <summary>The version of the SQLite that wrote the header in the database file: a hint, older than what stands in the log. 0: unknown. From any thread, until this is disposed.</summary>
    public uint SqliteVersionNumber()
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Size];
        return Database.TryRead(0, bytes) && DatabaseHeader.TryParse(bytes, out var header, out _) ? header.SqliteVersionNumber : 0;
    }

    /// <summary>False if the path, or that of its log or index, names another file by now.</summary>
    public bool AreFilesTheSame() =>
        FileIdentity.TryGet(Source.Path, out var database) && database.IsSameFileAs(Source.Identity)
        && FileIdentity.TryGet(Source.Path + SourceFile.WalSuffix, out var wal) && wal.IsSameFileAs(_walIdentity)
        && FileIdentity.TryGet(Source.Path + SourceFile.ShmSuffix, out var shm) && shm.IsSameFileAs(_shmIdentity);

    /// <summary>A read transaction on this connection: it holds a read mark until it is disposed. One at a time.</summary>
    public LiveWalImage OpenImage() => new(Source, _connection, ownsConnection: false);

    public void Dispose() => _connection.Dispose();

    private static AttachedDatabase? TryAttach(SourceFile source, SqliteReadConnection connection, out string reason)
    {
        // SHARED before any SQL, so that the -wal which is there now is there when SQLite looks for it, and none is created.
        if (!SourceDatabase.TryLockShared(connection))
        {
            throw SourceErrors.StayedLocked(source.Path, SqliteReadConnection.BusyWaitMax);
        }

        source.EnsureSameFile();
        var isThere = FileIdentity.TryGet(source.Path + SourceFile.ShmSuffix, out var shm) & FileIdentity.TryGet(source.Path + SourceFile.WalSuffix, out var wal);
        if (!isThere || connection.Database.Length == 0 || !SourceDatabase.ReadHeader(source, connection).IsWal)
        {
            reason = "no app has the database open in WAL mode";
            connection.Database.Unlock();
            return null;
        }

        if (!SourceDatabase.CanAttach(source, connection) || WalIndex.TryOpen(connection) is not { } index || AttachmentProbe.TryOpen(source) is not { } probe)
        {
            reason = "the index of its log (-shm) cannot be shared with the app: it is not writable for the sidecar, or not in use";
            return null;
        }

        reason = probe.IsAnotherAttached() ? "" : "no app has the database open in WAL mode";
        return reason.Length == 0 ? new AttachedDatabase(source, connection, index, wal, shm, probe) : null;
    }
}
