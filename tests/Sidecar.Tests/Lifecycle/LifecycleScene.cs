using BackupSidecar.Backup;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>A database with a backup that says "backed up", and says "newer" by now; a lifecycle over it that can be ended and begun anew.</summary>
internal sealed class LifecycleScene : IAsyncDisposable
{
    private readonly ScratchVolume _volume = new();
    private BackupRepository? _repository;
    private SourceLifecycle? _lifecycle;

    /// <summary>Of the deadlines. Staging and swapping use it, too; nothing in these tests waits.</summary>
    public SteppedTime Time { get; } = new();

    /// <summary>Called at each step of an exchange.</summary>
    public Action<SwapStep> Reached { get; set; } = static _ => { };

    public PlayedDatabase Capture { get; private set; } = new();

    /// <summary>What is restored from, beside the repository: asked when a lifecycle is made.</summary>
    public Func<IRepositoryReader, RestoreOrigins> OriginsOf { get; set; } = RestoreOrigins.Of;

    /// <summary>A repository farther away is asked as well.</summary>
    public void AddFarther(Func<CancellationToken, ValueTask<IRepositoryReader>> open) =>
        OriginsOf = near => new RestoreOrigins([new RestoreOrigin("local", _ => ValueTask.FromResult(near)), new RestoreOrigin("offsite", open)]);

    public string Database => _volume.Database;

    public string Repository => _volume.Elsewhere("repository");

    public string Journal => _volume.Elsewhere("state/restores/app.json");

    public SourceLifecycle Lifecycle => _lifecycle!;

    public async Task StartAsync(string journalMode = "wal", bool withBackup = true, bool startEmpty = false)
    {
        Write("backed up", journalMode);
        _repository = await BackupRepository.OpenForWritingAsync(new FileSystemStore(_volume.Elsewhere("repository")), "the test", createIfMissing: true, TimeProvider.System, CancellationToken.None);
        if (withBackup)
        {
            var options = new BackupOptions { DatabasePath = Database, SourceName = "app", StateDirectory = _volume.Elsewhere("state") };
            _ = await new BackupRun(_repository, options, TimeProvider.System, progress: null).ExecuteAsync(CancellationToken.None);
        }

        Write("newer", journalMode);
        await BeginAsync(startEmpty);
    }

    /// <summary>As a new process of the sidecar would.</summary>
    public async Task RestartAsync()
    {
        await _lifecycle!.DisposeAsync();
        await BeginAsync(startEmpty: false);
    }

    public async Task<RestoreRecord> StageAsync()
    {
        _ = await Lifecycle.StageAsync(RestoreChoice.Newest, TimeSpan.FromMinutes(1), sqliteChecks: true, CancellationToken.None);
        await Lifecycle.StagedOrFailedAsync(CancellationToken.None);
        return Newest;
    }

    public RestoreRecord Newest => Lifecycle.Known[0];

    public Task<PreparedDatabase> PrepareAsync(string instance, string version = "", bool confirms = true) => Lifecycle.PrepareAsync(instance, version, confirms, CancellationToken.None);

    public SqliteConnection Open() => Open(Database);

    public string Read() => Read(Database);

    public static string Read(string path)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT text FROM said";
        return (string)command.ExecuteScalar()!;
    }

    public void Write(string text, string? journalMode = null)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"{(journalMode is null ? "" : $"PRAGMA journal_mode={journalMode};")} CREATE TABLE IF NOT EXISTS said (text); DELETE FROM said; INSERT INTO said VALUES ('{text}')";
        _ = command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    public void RemoveDatabase()
    {
        foreach (var path in Directory.GetFiles(Path.GetDirectoryName(Database)!))
        {
            File.Delete(path);
        }
    }

    /// <summary>What is staged beside it stays.</summary>
    public void RemoveDatabaseFiles()
    {
        foreach (var suffix in (string[])["", "-wal", "-shm", "-journal"])
        {
            File.Delete(Database + suffix);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lifecycle is not null)
        {
            await _lifecycle.DisposeAsync();
        }

        if (_repository is not null)
        {
            await _repository.DisposeAsync();
        }

        _volume.Dispose();
    }

    /// <summary>One more over the same files, with a capture of its own; it has not begun.</summary>
    public SourceLifecycle CreateLifecycle(bool startEmpty = false)
    {
        Capture = new PlayedDatabase();
        var journal = new RestoreJournal(Path.GetDirectoryName(Journal)!, "app");
        return new SourceLifecycle("app", Database, startEmpty, journal, new LifecycleSettings { Reached = step => Reached(step) }, OriginsOf(_repository!), Capture, NullLogger.Instance, Time);
    }

    private async Task BeginAsync(bool startEmpty)
    {
        _lifecycle = CreateLifecycle(startEmpty);
        await _lifecycle.BeginAsync(former: null);
    }
}
