using System.Diagnostics;
using BackupSidecar.Primitives;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>Tries on a scratch database whether one process sees the locks and commits of another, as SQLite needs it in WAL mode.</summary>
/// <remarks>
/// The other process keeps the database open and answers each line on its standard input with one on its standard output:
/// "write" → "written" or "busy"; "count" → the number of rows. It ends with its standard input.
/// </remarks>
internal static class CoherenceProbe
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(15);

    /// <returns>What does not work, as a part of a sentence; null if all does.</returns>
    /// <exception cref="OperatorException">It could not be tried.</exception>
    public static async Task<string?> FindProblemAsync(string path, Func<string, Process> start, CancellationToken ct)
    {
        try
        {
            using var connection = Open(path);
            Execute(connection, "PRAGMA journal_mode = WAL; CREATE TABLE probe (id INTEGER PRIMARY KEY); INSERT INTO probe DEFAULT VALUES;");
            using var other = start(path);
            try
            {
                return await CompareAsync(connection, other, ct);
            }
            finally
            {
                other.Kill();
                await other.WaitForExitAsync(CancellationToken.None);
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or System.ComponentModel.Win32Exception or TimeoutException)
        {
            throw new OperatorException(FailureKind.Failed, $"Locks and shared memory could not be tried at {path}: {e.Message}", "Check the file system (dmesg), its free space, and that this program may start itself.", e);
        }
    }

    /// <summary>The other process.</summary>
    public static async Task AnswerAsync(string path, TextReader input, TextWriter output)
    {
        using var connection = Open(path);
        while (await input.ReadLineAsync() is { } line)
        {
            await output.WriteLineAsync(line == "count" ? Scalar(connection, "SELECT count(*) FROM probe") : TryWrite(connection) ? "written" : "busy");
        }
    }

    private static async Task<string?> CompareAsync(SqliteConnection connection, Process other, CancellationToken ct)
    {
        if (await AskAsync(other, "count", ct) != "1")
        {
            return "the other process does not see what was committed before it came";
        }

        Execute(connection, "BEGIN IMMEDIATE; INSERT INTO probe DEFAULT VALUES;");
        if (await AskAsync(other, "write", ct) != "busy")
        {
            return "the other process could write while this one held the write lock";
        }

        if (await AskAsync(other, "count", ct) != "1")
        {
            return "the other process saw what was not committed";
        }

        Execute(connection, "COMMIT;");
        if (await AskAsync(other, "count", ct) != "2")
        {
            return "the other process does not see a new commit";
        }

        return await AskAsync(other, "write", ct) == "written" && Scalar(connection, "SELECT count(*) FROM probe") == "3" ? null : "this process does not see a commit of the other one";
    }

    private static async Task<string?> AskAsync(Process other, string question, CancellationToken ct)
    {
        await other.StandardInput.WriteLineAsync(question.AsMemory(), ct);
        await other.StandardInput.FlushAsync(ct);
        return await other.StandardOutput.ReadLineAsync(ct).AsTask().WaitAsync(AnswerMax, TimeProvider.System, ct);
    }

    private static bool TryWrite(SqliteConnection connection)
    {
        try
        {
            Execute(connection, "INSERT INTO probe DEFAULT VALUES;");
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY)
        {
            return false;
        }
    }

    private static SqliteConnection Open(string path)
    {
        Source.SqliteRuntime.EnsureLoaded();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    private static string? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
