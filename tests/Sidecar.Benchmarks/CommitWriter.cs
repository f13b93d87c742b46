using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>An application's writer on a thread of its own: one row a transaction, at a fixed rate. Measures what each commit took.</summary>
internal sealed class CommitWriter(SampleDatabase database, int commitsPerSecond, TimeProvider time)
{
    /// <summary>In place of a rate: each commit as soon as the one before is done.</summary>
    public const int FlatOut = int.MaxValue;

    private const int BusyMilliseconds = 5000;

    /// <summary>After so many commits a checkpoint with TRUNCATE, which counts as a part of the commit before it: the writer stands still for both. 0: never.</summary>
    public int CommitsPerTruncate { get; init; }

    /// <summary>Writes until <paramref name="ended"/>; a commit that comes late does not make the next ones rarer.</summary>
    /// <returns>The latencies in milliseconds.</returns>
    public Task<Samples> WriteUntilAsync(CancellationToken ended) =>
        Task.Factory.StartNew(() => Write(ended), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private Samples Write(CancellationToken ended)
    {
        var latencies = new Samples();
        using var connection = database.Open();
        SampleDatabase.WaitWhenBusy(connection, BusyMilliseconds);
        using var update = connection.CreateCommand();
        var began = time.GetTimestamp();
        for (var count = 0L; !ended.IsCancellationRequested; count++)
        {
            var early = TimeSpan.FromSeconds((double)count / commitsPerSecond) - time.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                ended.WaitHandle.WaitOne(early);
            }

            database.PrepareUpdate(update);
            latencies.Add(Commit(connection, update, CommitsPerTruncate > 0 && (count + 1) % CommitsPerTruncate == 0).TotalMilliseconds);
        }

        return latencies;
    }

    private TimeSpan Commit(SqliteConnection connection, SqliteCommand update, bool isTruncateDue)
    {
        var began = time.GetTimestamp();
        using (var transaction = connection.BeginTransaction(deferred: false))
        {
            update.Transaction = transaction;
            update.ExecuteNonQuery();
            transaction.Commit();
            update.Transaction = null;
        }

        if (isTruncateDue)
        {
            SampleDatabase.Truncate(connection);
        }

        return time.GetElapsedTime(began);
    }
}
