using System.Buffers.Binary;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Doctor;
using BackupSidecar.Pack;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Doctor;

/// <summary>What doctor says of a source whose mode is assist: what assist itself would find out when the log has grown.</summary>
public sealed class AssistExaminationTests : IDisposable
{
    private const uint Sound = 3_053_000;

    private readonly ScratchVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    [Theory]
    [InlineData("wal", Sound, true, "3.53.0 is configured")]
    [InlineData("wal", 3_051_002u, false, "last written by SQLite 3.51.2")]
    [InlineData("delete", Sound, false, "no write-ahead log")]
    public void It_says_whether_the_log_can_be_copied(string journalMode, uint lastWriter, bool canBe, string reason)
    {
        Create(journalMode, lastWriter);
        var finding = Assert.Single(DatabaseExamination.Examine(new DoctorDatabase(_volume.Database, Definition()), TimeProvider.System), finding => finding.Check == "assist");
        Assert.Equal(canBe ? Severity.Ok : Severity.Warning, finding.Severity);
        Assert.Contains(reason, finding.Reason, StringComparison.Ordinal);
        Assert.Equal(canBe, finding.Hint is null);
    }

    [Fact]
    public void Of_a_source_that_is_only_observed_it_says_nothing()
    {
        Create("wal", Sound);
        Assert.DoesNotContain(DatabaseExamination.Examine(new DoctorDatabase(_volume.Database, Assisted: null), TimeProvider.System), finding => finding.Check == "assist");
    }

    private void Create(string journalMode, uint lastWriter)
    {
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _volume.Database, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA journal_mode = {journalMode}; CREATE TABLE t (x);";
            command.ExecuteNonQuery();
        }

        using var file = File.OpenHandle(_volume.Database, FileMode.Open, FileAccess.Write);
        var version = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(version, lastWriter);
        RandomAccess.Write(file, version, fileOffset: 96);
    }

    private SourceDefinition Definition() => new()
    {
        Name = "app",
        Path = _volume.Database,
        IsNamed = false,
        Enabled = true,
        Mode = CaptureMode.Assist,
        AppSqliteVersion = Sound,
        WalLimitBytes = 64 << 20,
        Interval = TimeSpan.Zero,
        RollbackJournalInterval = TimeSpan.FromMinutes(1),
        Scrub = TimeSpan.FromDays(1),
        Compression = CompressionLevel.Light,
        StartEmpty = false,
    };
}
