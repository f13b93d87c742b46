using BackupSidecar.Backup;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Proof;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Backup;

/// <summary>
/// Where a database has to be read in one go, an application waits for as long as that takes. What follows a database copies it first, so that nobody waits for the
/// compression too; a command compresses while it reads.
/// </summary>
public sealed class CopyBeforeCompressingTests
{
    private const int Rows = 1500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wal", false)]
    [InlineData("wal", true)]
    [InlineData("delete", false)]
    [InlineData("delete", true)]
    public async Task While_pages_are_compressed_nothing_waits_for_us(string journalMode, bool copyBeforeCompressing)
    {
        using var scene = new ProofScene();
        using var app = new Application(scene.Database, journalMode);
        var full = await BackupAsync(scene, copyBeforeCompressing, app);
        app.Execute("UPDATE large SET x = randomblob(700) WHERE rowid % 10 = 0");
        var increment = await BackupAsync(scene, copyBeforeCompressing, app);

        Assert.Equal((2, copyBeforeCompressing ? 0 : 2), (app.Tries, app.Waits));
        foreach (var backup in (BackupResult[])[full, increment])
        {
            var restored = scene.Volume.Elsewhere("restored.db");
            await File.WriteAllBytesAsync(restored, await scene.RestoreAsync(backup.Manifest.Position), Ct);
            using var connection = Application.Open(restored);
            Assert.Equal($"ok {Rows}", Application.Scalar(connection, "SELECT (SELECT integrity_check FROM pragma_integrity_check) || ' ' || (SELECT count(*) FROM large)"));
        }

        Assert.InRange(increment.Manifest.Pack.Bytes, 1, full.Manifest.Pack.Bytes / 2);
    }

    [Fact]
    public async Task Without_room_for_the_copy_they_are_compressed_while_they_are_read()
    {
        using var scene = new ProofScene();
        using var mount = SizeLimitedMount.TryCreate(scene.State, 1 << 20);
        Assert.SkipWhen(mount is null, "This process may not mount.");
        using var app = new Application(scene.Database, "wal");
        var backup = await BackupAsync(scene, copyBeforeCompressing: true, app);
        Assert.Equal((1, 1), (app.Tries, app.Waits));
        Assert.NotEmpty(await scene.RestoreAsync(backup.Manifest.Position));
    }

    private static async Task<BackupResult> BackupAsync(ProofScene scene, bool copyBeforeCompressing, Application app)
    {
        var options = new BackupOptions { DatabasePath = scene.Database, StateDirectory = scene.State, Workers = 2, CopyBeforeCompressing = copyBeforeCompressing };
        app.BeginRun();
        await using var repository = await BackupRepository.OpenForWritingAsync(scene.Store, "the proof", createIfMissing: true, scene.Time, Ct);
        return await new BackupRun(repository, options, TimeProvider.System, app).ExecuteAsync(Ct);
    }

    /// <summary>An application that, whenever some pages have been compressed, tries what a held database makes wait.</summary>
    private sealed class Application : IProgress<ProgressReport>, IDisposable
    {
        /// <summary>With a rollback journal: reads in windows that its commits spoil. After them the database is read in one go.</summary>
        private const int WindowedAttempts = 3;

        /// <summary>Long enough to be sure that somebody holds the database, where that is the question.</summary>
        private const int HeldSeconds = 1;

        /// <summary>What only has to be done waits out a worker that stands still in the middle of a window.</summary>
        private const int PatienceSeconds = 60;

        private readonly SqliteConnection _connection;
        private readonly bool _isWal;
        private int _attempts;
        private bool _hasTried;

        public Application(string path, string journalMode)
        {
            _isWal = journalMode == "wal";
            _connection = Open(path);
            Execute($"PRAGMA journal_mode={journalMode}; CREATE TABLE large(x); CREATE TABLE small(x)");
            Execute($"INSERT INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows}) SELECT randomblob(3000) FROM n");
        }

        public int Tries { get; private set; }

        public int Waits { get; private set; }

        public static SqliteConnection Open(string path)
        {
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = PatienceSeconds }.ToString());
            connection.Open();
            return connection;
        }

        public static string? Scalar(SqliteConnection connection, string sql)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of the tests.
            command.CommandText = sql;
#pragma warning restore CA2100
            return command.ExecuteScalar()?.ToString();
        }

        public void Execute(string sql) => _ = Scalar(_connection, sql);

        public void Report(ProgressReport value)
        {
            if (value.Step.StartsWith("start over", StringComparison.Ordinal))
            {
                _attempts++;
            }
            else if (value.Step == "read the database" && !_isWal && _attempts < WindowedAttempts)
            {
                Execute("INSERT INTO small VALUES (1)");
            }
            else if (value.Step == "read the database" && !_hasTried)
            {
                _hasTried = true;
                Tries++;
                Waits += MustWait() ? 1 : 0;
            }
        }

        public void BeginRun() => (_attempts, _hasTried) = (0, false);

        public void Dispose() => _connection.Dispose();

        private bool MustWait()
        {
            _connection.DefaultTimeout = HeldSeconds;
            try
            {
                Execute("INSERT INTO small VALUES (1)");
                return _isWal && Scalar(_connection, "PRAGMA wal_checkpoint(TRUNCATE)") != "0";
            }
            catch (SqliteException e) when (e.SqliteErrorCode == 5)
            {
                return true;
            }
            finally
            {
                _connection.DefaultTimeout = PatienceSeconds;
            }
        }
    }
}
