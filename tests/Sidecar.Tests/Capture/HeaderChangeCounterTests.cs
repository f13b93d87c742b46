using BackupSidecar.Capture;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Capture;

/// <summary>
/// What a new timeline is decided by: in WAL mode the change counter of page 1 need not grow with a commit, but does not go back from one committed state to
/// the next. Whoever writes page 1 read the newest committed one before, and adds one to what it says.
/// </summary>
public sealed class HeaderChangeCounterTests(ITestOutputHelper output)
{
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)";

    private int _names;

    [Fact]
    public async Task In_wal_mode_it_never_goes_back_whatever_two_connections_do()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var volume = new ScratchVolume();
        List<WriterProcess> apps = [];
        try
        {
            for (var i = 0; i < 2; i++)
            {
                apps.Add(await StartAsync(volume, random));
            }

            await apps[0].ExecuteAsync("app", $"CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB); INSERT INTO t {Numbers} SELECT i, randomblob(200) FROM n;");
            var (last, grew, stood) = (0u, 0, 0);
            List<string> log = [];
            for (var step = 0; step < 300 * ProofSettings.Scale; step++)
            {
                var which = random.Next(apps.Count);
                log.Add(await StepAsync(volume, apps, which, random));
                var now = CounterOf(volume.Database);
                Assert.True(now >= last, $"The counter went from {last} to {now} by: {string.Join(" | ", log.TakeLast(5))}");
                (last, grew, stood) = now > last ? (now, grew + 1, stood) : (last, grew, stood + 1);
            }

            output.WriteLine($"{grew} grew, {stood} stood still");
            Assert.True(grew > 20 && stood > 20, $"{grew} grew, {stood} stood still");
        }
        finally
        {
            foreach (var app in apps)
            {
                await app.DisposeAsync();
            }
        }
    }

    private async Task<string> StepAsync(ScratchVolume volume, List<WriterProcess> apps, int which, Random random)
    {
        switch (random.Next(20))
        {
            case 0:
                // A crash, also within a transaction that has spilled; the next one recovers when nobody else is there.
                await apps[which].ExecuteAsync("app", $"BEGIN; UPDATE t SET body = randomblob(900); CREATE TABLE lost{++_names}(x);");
                await apps[which].KillAsync();
                if (random.Next(2) == 0)
                {
                    await apps[1 - which].KillAsync();
                    apps[1 - which] = await StartAsync(volume, random);
                }

                apps[which] = await StartAsync(volume, random);
                return "killed";
            case 1:
                await apps[which].CloseAsync("app");
                await OpenAsync(apps[which], volume, random);
                return "reopened";
            case 2:
                await CopyIntoAsync(volume, random);
                return "another database was copied into it";
            default:
                var sql = StatementOf(random);
                await apps[which].ExecuteAsync("app", sql);
                return $"{which}: {sql}";
        }
    }

    private string StatementOf(Random random) => random.Next(14) switch
    {
        0 => "VACUUM;",
        1 => $"PRAGMA wal_checkpoint({new[] { "PASSIVE", "FULL", "RESTART", "TRUNCATE" }[random.Next(4)]});",
        2 => $"CREATE TABLE n{++_names}(x); INSERT INTO n{_names} VALUES(1);",
        3 => $"PRAGMA user_version={random.Next(1000)};",
        4 => "BEGIN; UPDATE t SET body = randomblob(900); ROLLBACK;",
        5 => $"BEGIN; CREATE TABLE n{++_names}(x); UPDATE t SET body = randomblob(500); ROLLBACK;",
        6 => $"BEGIN; SAVEPOINT s; CREATE TABLE n{++_names}(x); UPDATE t SET body = randomblob(900); ROLLBACK TO s; UPDATE t SET body = randomblob(9) WHERE id = 3; COMMIT;",
        7 => $"BEGIN; INSERT INTO t {Numbers} SELECT NULL, randomblob(300) FROM n; SAVEPOINT s; DELETE FROM t WHERE id > 300; ROLLBACK TO s; RELEASE s; COMMIT;",
        8 => "DELETE FROM t WHERE id > 200;",
        9 => $"INSERT INTO t {Numbers} SELECT NULL, randomblob(300) FROM n;",
        10 => "PRAGMA incremental_vacuum;",
        11 => "PRAGMA mmap_size=10000000; SELECT count(*) FROM t;",
        _ => $"UPDATE t SET body = randomblob(100) WHERE id % {random.Next(5, 50)} = 1;",
    };

    /// <summary>By SQLite's backup interface, as a live restore does it. The other database has a counter of its own.</summary>
    private static async Task CopyIntoAsync(ScratchVolume volume, Random random)
    {
        using var other = new SqliteConnection("Data Source=:memory:");
        other.Open();
        Execute(other, $"PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB); INSERT INTO t {Numbers} SELECT i, randomblob({random.Next(100, 900)}) FROM n;");
        using var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = volume.Database, Pooling = false }.ToString());
        target.Open();
        other.BackupDatabase(target);
        await Task.CompletedTask;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are those of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static async Task<WriterProcess> StartAsync(ScratchVolume volume, Random random)
    {
        var app = WriterProcess.Start();
        await OpenAsync(app, volume, random);
        return app;
    }

    private static Task OpenAsync(WriterProcess app, ScratchVolume volume, Random random) =>
        app.OpenAsync("app", volume.Database, $"PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; PRAGMA cache_size={random.Next(5, 200)}; PRAGMA wal_autocheckpoint={random.Next(1, 60)};");

    private static uint CounterOf(string database)
    {
        using var image = SourceDatabase.OpenImage(SourceFile.Resolve(database), hold: false, TimeProvider.System);
        var file = CapturedFile.Of(image);
        image.EnsureUnchanged();
        Assert.Equal(JournalMode.Wal, file.Mode);
        return file.HeaderChangeCounter;
    }
}
