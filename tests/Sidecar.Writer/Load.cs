using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>Writers and checkpointers in threads of their own, until <see cref="Stop"/>.</summary>
internal sealed class Load : IDisposable
{
    private const int VacuumOneIn = 40;
    private const int TurnOneIn = 3;

    /// <summary>Of two writers without a pause one may wait long: SQLite's busy handler looks now and then only. Whoever drives this process has a limit of their own.</summary>
    private const int LockWaitSeconds = 600;

    /// <summary>A checkpointer gives up a blocked try soon: it comes again anyway, and a test's writers should not stand still for long.</summary>
    private const int CheckpointWaitMilliseconds = 50;

    private readonly LoadOptions _options;
    private readonly List<Thread> _threads = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _committed = new(initialState: false);
    private Exception? _failure;
    private long _commits;
    private long _checkpoints;

    public Load(LoadOptions options)
    {
        _options = options;
        for (var i = 0; i < options.Writers; i++)
        {
            var random = new Random(options.Seed + i);
            StartThread(() => Write(random));
        }

        for (var i = 0; i < options.Checkpointers; i++)
        {
            StartThread(Checkpoint);
        }
    }

    /// <summary>Returns when this load has done <paramref name="count"/> more commits.</summary>
    public long AwaitCommits(long count)
    {
        var target = Interlocked.Read(ref _commits) + count;
        while (Interlocked.Read(ref _commits) < target)
        {
            ThrowIfFailed();
            _committed.WaitOne();
        }

        return Interlocked.Read(ref _commits);
    }

    public (long Commits, long Checkpoints) Stop()
    {
        _stop.Set();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        ThrowIfFailed();
        return (_commits, _checkpoints);
    }

    public void Dispose()
    {
        _stop.Set();
        _threads.ForEach(thread => thread.Join());
        _stop.Dispose();
        _committed.Dispose();
    }

    private void StartThread(Action work)
    {
        var thread = new Thread(() => Run(work)) { IsBackground = true };
        _threads.Add(thread);
        thread.Start();
    }

    private void Run(Action work)
    {
        try
        {
            work();
        }
        catch (SqliteException e)
        {
            lock (_gate)
            {
                _failure ??= e;
            }

            _committed.Set();
        }
    }

    private void Write(Random random)
    {
        while (!_stop.IsSet)
        {
            using var connection = Open();
            do
            {
                WriteOnce(connection, random);
            }
            while (!_options.Reopen && !_stop.IsSet);
        }
    }

    private void WriteOnce(SqliteConnection connection, Random random)
    {
        if (_options.TurnJournalMode && random.Next(TurnOneIn) == 0)
        {
            Database.Execute(connection, $"PRAGMA journal_mode={(random.Next(2) == 0 ? "WAL" : "DELETE")}");
        }

        if (_options.Vacuum && random.Next(VacuumOneIn) == 0)
        {
            Database.Execute(connection, "VACUUM");
        }

        SampleTables.Change(connection, random, _options.ItemsMax);
        Interlocked.Increment(ref _commits);
        _committed.Set();
        if (_options.CommitsPerSecond > 0)
        {
            _stop.Wait(1000 / _options.CommitsPerSecond);
        }
    }

    private void Checkpoint()
    {
        using var connection = Open();
        Database.Execute(connection, $"PRAGMA busy_timeout={CheckpointWaitMilliseconds}");
        while (!_stop.IsSet)
        {
            Database.Scalar(connection, $"PRAGMA wal_checkpoint({_options.Checkpoint})");
            Interlocked.Increment(ref _checkpoints);
            _stop.Wait(_options.PauseMilliseconds);
        }
    }

    private SqliteConnection Open()
    {
        var connection = Database.Open(_options.Path, LockWaitSeconds);
        Database.Execute(connection, $"PRAGMA busy_timeout={LockWaitSeconds * 1000}; PRAGMA synchronous=OFF;");
        Database.Execute(connection, _options.Pragmas);
        return connection;
    }

    private void ThrowIfFailed()
    {
        lock (_gate)
        {
            if (_failure is { } failure)
            {
                throw new InvalidOperationException($"The load failed: {failure.Message}", failure);
            }
        }
    }
}
