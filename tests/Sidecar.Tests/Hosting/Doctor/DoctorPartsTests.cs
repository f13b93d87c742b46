using BackupSidecar.Hosting.Doctor;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Doctor;

/// <summary>What doctor stands on.</summary>
public sealed class DoctorPartsTests : IDisposable
{
    private readonly ScratchVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    [Theory]
    [InlineData(3_006_023, false)]
    [InlineData(3_007_000, true)]
    [InlineData(3_044_005, true)]
    [InlineData(3_044_006, false)]
    [InlineData(3_045_000, true)]
    [InlineData(3_050_006, true)]
    [InlineData(3_050_007, false)]
    [InlineData(3_051_002, true)]
    [InlineData(3_051_003, false)]
    public void The_versions_that_lose_commits_are_known(int version, bool isAffected) => Assert.Equal(isAffected, SqliteVersion.HasCheckpointBug(version));

    [Theory]
    [InlineData("UTF-8", 512)]
    [InlineData("UTF-8", 4096)]
    [InlineData("UTF-8", 65536)]
    [InlineData("UTF-16le", 4096)]
    [InlineData("UTF-16be", 1024)]
    public void Table_names_are_read_without_SQL(string encoding, int pageSize)
    {
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _volume.Database, Pooling = false }.ToString()))
        {
            connection.Open();
            var tables = string.Concat(Enumerable.Range(0, 300).Select(i => $"CREATE TABLE täble{i} (a, b, c);"));
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA encoding = '{encoding}'; PRAGMA page_size = {pageSize}; PRAGMA journal_mode = WAL; {tables} CREATE INDEX i ON täble1 (a); CREATE VIEW v AS SELECT 1; CREATE TABLE _litestream_seq (id);";
            command.ExecuteNonQuery();
        }

        using var image = SourceDatabase.OpenImage(SourceFile.Resolve(_volume.Database), hold: false, TimeProvider.System);

        var expected = Enumerable.Range(0, 300).Select(i => $"täble{i}").Append("_litestream_seq");
        Assert.Equal(expected.Order(StringComparer.Ordinal), SchemaTables.Read(image).Order(StringComparer.Ordinal));
        Assert.Equal([_volume.Database], Directory.GetFiles(_volume.Data));
    }
}
