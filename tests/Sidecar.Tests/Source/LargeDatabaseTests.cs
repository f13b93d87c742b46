using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>Databases larger than a buffer, a log larger than its database, and files past the page that SQLite never uses.</summary>
public sealed class LargeDatabaseTests
{
    [Fact]
    public async Task A_blob_of_200_MB_is_read_out_of_the_log_and_out_of_the_database()
    {
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF; CREATE TABLE t(body BLOB);");
        await bench.App.ExecuteAsync("app", "INSERT INTO t VALUES(randomblob(200000000))");
        await bench.AssertReadsExactlyAsync();

        await bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.AssertReadsExactlyAsync();
    }

    [Theory]
    [InlineData(65536, "delete")]
    [InlineData(4096, "wal")]
    public async Task A_database_past_the_lock_byte_page_is_read_exactly(int pageSizeBytes, string journalMode)
    {
        await using var bench = new SourceBench();
        await bench.App.OpenAsync("app", bench.Path, $"PRAGMA page_size={pageSizeBytes}; CREATE TABLE t(body BLOB);");
        await bench.App.CloseAsync("app");
        SparseDatabase.GrowPastLockBytePage(bench.Path);
        await bench.App.OpenAsync("app", bench.Path, $"PRAGMA journal_mode={journalMode}; PRAGMA synchronous=OFF;");
        await bench.App.ExecuteAsync("app", $"INSERT INTO t VALUES(randomblob({pageSizeBytes * 5}))");
        Assert.Equal("ok", await bench.App.ScalarAsync("app", "PRAGMA integrity_check"));

        var facts = await bench.AssertReadsExactlyAsync();
        Assert.True(facts.Shape.PageCount > facts.Shape.LockBytePage);
    }
}
