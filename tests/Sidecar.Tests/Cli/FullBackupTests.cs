using BackupSidecar.Cli;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary><c>backup --full</c>: what is stored is not built upon, as where <c>verify</c> has found damage that a backup does not look for.</summary>
public sealed class FullBackupTests : IDisposable
{
    private readonly ScratchVolume _volume = new();
    private readonly CommandLineBench _bench = new();

    private string Repository => _volume.Elsewhere("repository");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _volume.Dispose();

    [Fact]
    public async Task A_full_restores_after_damage_that_a_backup_does_not_see()
    {
        Execute("CREATE TABLE t(body); INSERT INTO t VALUES (randomblob(100000))");
        Assert.Equal(ExitCode.Ok, await BackUpAsync());
        var pack = Assert.Single(Directory.GetFiles(Path.Join(Repository, "packs"), "*", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(pack, Ct);
        bytes.AsSpan(bytes.Length / 3, 64).Fill(0xEE);
        File.Delete(pack);
        await File.WriteAllBytesAsync(pack, bytes, Ct);
        Assert.Equal(ExitCode.VerificationFailed, await _bench.RunAsync("verify", "--repository", Repository));

        Assert.Equal(ExitCode.Ok, await BackUpAsync("--full"));
        Execute("INSERT INTO t VALUES ('after it')");
        Assert.Equal(ExitCode.Ok, await BackUpAsync());

        Assert.Equal(2, _bench.OutLines.Count(line => line.Contains("(a full)", StringComparison.Ordinal)));
        Assert.Equal(ExitCode.Ok, await _bench.RunAsync("restore", "--repository", Repository, "--output", _volume.Elsewhere("restored.db")));
        Assert.Equal(await File.ReadAllBytesAsync(_volume.Database, Ct), await File.ReadAllBytesAsync(_volume.Elsewhere("restored.db"), Ct));
    }

    private Task<int> BackUpAsync(params string[] more) => _bench.RunAsync(["backup", "--database", _volume.Database, "--repository", Repository, "--state", _volume.Elsewhere("state"), .. more]);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _volume.Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }
}
