using System.Globalization;
using BackupSidecar.Backup;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Verify;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>One small database that nobody has open, its repository in memory, its local state, and what was acknowledged so far.</summary>
internal sealed class ProofScene : IDisposable
{
    public const string Create =
        "PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, body BLOB); CREATE INDEX t_name ON t(name);"
        + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO t SELECT i, 'row ' || i, randomblob(60 * (i % 4)) FROM n;";

    public const string Change = "UPDATE t SET body = randomblob(90) WHERE id % 5 = 0;";

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private List<AcknowledgedBackup> _acknowledged = [];
    private Action? _back;
    private int _restores;

    public ScratchVolume Volume { get; } = new();

    public string Database => Volume.Database;

    public string State => Volume.Elsewhere("state");

    public MemoryStore Store { get; private set; } = new();

    public FakeTimeProvider Time { get; } = new(Start);

    public IReadOnlyList<AcknowledgedBackup> Acknowledged => _acknowledged;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>As an application that starts, does this, and leaves.</summary>
    public void Execute(string sql, string? path = null)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path ?? Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>A backup that is to succeed. It becomes acknowledged.</summary>
    public async Task<BackupResult> BackupAsync(
        IObjectStore? store = null, CompressionLevel compression = CompressionLevel.Light, IProgress<ProgressReport>? progress = null, string? label = null)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        var options = new BackupOptions { DatabasePath = Database, StateDirectory = State, Compression = compression, Labels = label is null ? [] : [label], Workers = 2 };
        await using var repository = await BackupRepository.OpenForWritingAsync(store ?? Store, "the proof", createIfMissing: true, Time, Ct);
        var result = await new BackupRun(repository, options, Time, progress).ExecuteAsync(Ct);
        _acknowledged.Add(new AcknowledgedBackup(result.Manifest, await File.ReadAllBytesAsync(Database, Ct)));
        return result;
    }

    /// <summary>Whatever <see cref="GoBack"/> is to bring back: repository, local state, and what was acknowledged. The database stays as it is.</summary>
    public void Remember()
    {
        var (store, state, acknowledged) = (Store.Copy(), DirectoryContent.Of(State), _acknowledged.ToList());
        _back = () =>
        {
            Store = store.Copy();
            state.WriteTo(State);
            _acknowledged = [.. acknowledged];
        };
    }

    public void GoBack() => _back!();

    public void DeleteState()
    {
        if (Directory.Exists(State))
        {
            Directory.Delete(State, recursive: true);
        }
    }

    public async Task<VerifyResult> VerifyAsync(IObjectStore? store = null, VerifyLevel level = VerifyLevel.Data)
    {
        var repository = await BackupRepository.OpenForReadingAsync(store ?? Store, Ct);
        return await new VerifyRun(repository, new VerifyOptions { Level = level, ScratchDirectory = Volume.Elsewhere(""), Workers = 2 }, Time, progress: null).ExecuteAsync(Ct);
    }

    /// <summary>Restores by position to a new path and returns the bytes.</summary>
    public async Task<byte[]> RestoreAsync(Position position, IObjectStore? store = null) =>
        await RestoreAsync(new RestoreChoice(null, null, string.Create(CultureInfo.InvariantCulture, $"{position.Transaction}@{position.Timeline}"), null), store);

    public async Task<byte[]> RestoreAsync(RestoreChoice choice, IObjectStore? store = null)
    {
        var directory = Directory.CreateDirectory(Volume.Elsewhere($"restored-{++_restores}"));
        try
        {
            var path = Path.Combine(directory.FullName, "app.db");
            var repository = await BackupRepository.OpenForReadingAsync(store ?? Store, Ct);
            var options = new RestoreOptions { OutputPath = path, Choice = choice, SqliteChecks = false, Workers = 2 };
            await new RestoreRun(repository, options, Time, progress: null).ExecuteAsync(Ct);
            return await File.ReadAllBytesAsync(path, Ct);
        }
        finally
        {
            // Not even a failed restore leaves anything but the database.
            Assert.All(directory.GetFiles(), file => Assert.Equal("app.db", file.Name));
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The promise: whatever was acknowledged restores byte for byte, and the repository says so itself.</summary>
    public async Task AssertWholeAsync(IObjectStore? store = null)
    {
        // Before the first wait: a backup that runs beside this adds to the list.
        AcknowledgedBackup[] acknowledged = [.. _acknowledged];
        var verified = await VerifyAsync(store);
        Assert.Empty(verified.Findings);
        foreach (var backup in acknowledged)
        {
            AssertEqual(backup.Database, await RestoreAsync(new RestoreChoice(backup.Manifest.BackupId.ToString(), null, null, null), store));
        }
    }

    /// <summary>A comparison whose message is a sentence and not two databases.</summary>
    public static void AssertEqual(byte[] expected, byte[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var same = expected.AsSpan().CommonPrefixLength(found);
        Assert.True(same == expected.Length, $"The restored database differs at byte {same}.");
    }

    public void Dispose() => Volume.Dispose();
}
