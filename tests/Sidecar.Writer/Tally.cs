using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>What the rows of <see cref="SampleTables"/> add up to after a number of commits.</summary>
internal readonly record struct Tally(long Commits, long Items, long Bytes, long Tags, long Accounts)
{
    public static Tally Read(SqliteConnection connection)
    {
        using var command = Database.Command(connection, "SELECT commits, items, bytes, tags, accounts FROM tally");
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new Tally(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4))
            : throw new InvalidOperationException("The tally is empty.");
    }

    public Tally Plus(long items, long bytes, long tags) =>
        this with { Items = Items + items, Bytes = Bytes + bytes, Tags = unchecked(Tags + tags) };

    public void Write(SqliteConnection connection)
    {
        using var command = Database.Command(
            connection,
            "UPDATE tally SET commits = $commits, items = $items, bytes = $bytes, tags = $tags, accounts = $accounts",
            ("$commits", Commits), ("$items", Items), ("$bytes", Bytes), ("$tags", Tags), ("$accounts", Accounts));
        command.ExecuteNonQuery();
    }
}
