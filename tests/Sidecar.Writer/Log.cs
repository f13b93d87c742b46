using System.Globalization;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>The write-ahead log as seen by a connection of the application.</summary>
internal static class Log
{
    /// <summary>More than any transaction of <see cref="SampleTables"/> without a bulk delete puts into the log.</summary>
    private const int FramesOfChangeMax = 60;

    /// <summary>Committed frames of the current generation.</summary>
    public static int FrameCount(SqliteConnection connection)
    {
        // NOOP looks and does nothing. Its second column is the number of frames; -1 without a log.
        using var command = Database.Command(connection, "PRAGMA wal_checkpoint(NOOP)");
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetInt32(1) : throw new InvalidOperationException("There is no answer about the log.");
    }

    /// <summary>Commits until the log holds exactly this number of frames: changes as long as there is room for one, then commits of one frame.</summary>
    public static void Fill(SqliteConnection connection, Random random, int frames, int itemsMax)
    {
        // The first commit after a checkpoint may begin a new generation.
        SampleTables.Touch(connection);
        for (var count = FrameCount(connection); count != frames; count = FrameCount(connection))
        {
            if (count > frames)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The log already holds {count} frames; {frames} were asked for."));
            }

            if (count + FramesOfChangeMax < frames)
            {
                SampleTables.Change(connection, random, itemsMax);
            }
            else
            {
                SampleTables.Touch(connection);
            }
        }
    }
}
