using BackupSidecar.Primitives;
using BackupSidecar.Source;
using BackupSidecar.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>An application does something between two looks of ours.</summary>
public sealed class StartingApplicationTests : IDisposable
{
    /// <summary>The header of a journal whose transaction has written to the database, perhaps.</summary>
    private static readonly byte[] HotJournal = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, .. new byte[504]];

    private readonly ScratchVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    /// <summary>It makes the -wal first and the -shm a moment later, both empty.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_application_that_opens_the_database_after_it_was_found_without_one_makes_the_read_start_over(bool hadWal)
    {
        CreateDatabase("PRAGMA journal_mode = WAL");
        var source = SourceFile.Resolve(_volume.Database);
        var connection = SqliteReadConnection.Open(source.Path);
        Assert.True(SourceDatabase.TryLockShared(connection));
        File.WriteAllBytes(source.Path + SourceFile.WalSuffix, []);
        File.WriteAllBytes(source.Path + SourceFile.ShmSuffix, []);

        using var image = new DormantImage(source, connection, hadWal, hadShm: false);

        Assert.Throws<ImageChangedException>(image.EnsureUnchanged);
    }

    /// <summary>What is read of a file that is being written may be anything.</summary>
    [Fact]
    public void What_is_wrong_with_a_database_that_an_application_has_opened_meanwhile_is_no_error()
    {
        CreateDatabase("PRAGMA journal_mode = WAL");
        using (var file = File.OpenWrite(_volume.Database))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.Throws<OperatorException>(() => Open(hadShm: false));
        File.WriteAllBytes(_volume.Database + SourceFile.WalSuffix, []);
        File.WriteAllBytes(_volume.Database + SourceFile.ShmSuffix, []);
        Assert.Throws<ImageChangedException>(() => Open(hadShm: false));

        DormantImage Open(bool hadShm)
        {
            var source = SourceFile.Resolve(_volume.Database);
            using var connection = SqliteReadConnection.Open(source.Path);
            Assert.True(SourceDatabase.TryLockShared(connection));
            return new DormantImage(source, connection, hadWal: false, hadShm);
        }
    }

    /// <summary>With synchronous=OFF and a journal that stays, a transaction that begins between SQLite's two looks has the journal of an interrupted one, and a lock that was not seen.</summary>
    [Fact]
    public void A_transaction_that_looks_interrupted_for_a_moment_makes_the_read_start_over()
    {
        CreateDatabase("PRAGMA journal_mode = TRUNCATE");
        var journal = _volume.Database + SourceFile.JournalSuffix;
        var clock = new ActingClock();
        using var image = SourceDatabase.OpenImage(SourceFile.Resolve(_volume.Database), hold: false, clock);

        // The clock is asked after SHARED was taken, and before SQL looks at the journal: at the first look it is there, at the second it is not.
        clock.Acts.Enqueue(() => File.WriteAllBytes(journal, HotJournal));
        clock.Acts.Enqueue(() => File.WriteAllBytes(journal, []));

        Assert.Throws<ImageChangedException>(image.EnsureUnchanged);
        Assert.Empty(clock.Acts);
    }

    [Fact]
    public void A_transaction_that_stays_interrupted_is_an_error()
    {
        CreateDatabase("PRAGMA journal_mode = TRUNCATE");
        using var image = SourceDatabase.OpenImage(SourceFile.Resolve(_volume.Database), hold: false, TimeProvider.System);
        File.WriteAllBytes(_volume.Database + SourceFile.JournalSuffix, HotJournal);

        var failure = Assert.Throws<OperatorException>(image.EnsureUnchanged);

        Assert.Contains("a transaction was interrupted", failure.Message, StringComparison.Ordinal);
    }

    private void CreateDatabase(string mode)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _volume.Database, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A literal of this class.
        command.CommandText = $"{mode}; CREATE TABLE t (body); INSERT INTO t VALUES (randomblob(20000));";
#pragma warning restore CA2100
        _ = command.ExecuteNonQuery();
    }

    private sealed class ActingClock : TimeProvider
    {
        public Queue<Action> Acts { get; } = [];

        public override long GetTimestamp()
        {
            if (Acts.TryDequeue(out var act))
            {
                act();
            }

            return base.GetTimestamp();
        }
    }
}
