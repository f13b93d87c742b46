using BackupSidecar.Primitives;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BackupSidecar.Restore;

/// <summary>SQLite's own checks on a restored file that nobody has open yet. Opened as immutable: no lock is taken and no file is made beside it.</summary>
/// <remarks>
/// integrity_check decides. foreign_key_check warns: SQLite does not enforce foreign keys unless an application asks for it, and sound databases of
/// real programs hold such rows (a Fossil repository does).
/// </remarks>
internal static class DatabaseChecks
{
    private const int ProblemsShownMax = 10;

    /// <param name="path">The restored file.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="ct">Interrupts SQLite.</param>
    /// <returns>Warnings: rows that break foreign keys, and what SQLite could not check, because the database needs an extension that is not here.</returns>
    /// <exception cref="UnsoundDatabaseException">The database is damaged.</exception>
    public static IReadOnlyList<string> Run(string path, string what, CancellationToken ct)
    {
        if (new FileInfo(path).Length == 0)
        {
            return [];
        }

        try
        {
            using var connection = OpenImmutable(path);
            using var interrupt = ct.Register(() => raw.sqlite3_interrupt(connection.Handle));
            List<string> warnings = [];
            var damage = Problems(connection, "integrity_check", $"PRAGMA integrity_check({ProblemsShownMax})", row => row.GetString(0) is var text && text != "ok" ? text : null, warnings);
            if (damage.Count > 0)
            {
                throw Failed(what, "integrity_check", damage);
            }

            var orphans = Problems(
                connection,
                "foreign_key_check",
                "PRAGMA foreign_key_check",
                row => $"a row of {row.GetString(0)} ({(row.IsDBNull(1) ? "no rowid" : row.GetInt64(1))}) refers to a missing row of {row.GetString(2)}",
                warnings);
            if (orphans.Count > 0)
            {
                warnings.Add($"foreign_key_check found rows that refer to missing ones, as the app left them: {string.Join("; ", orphans)}{(orphans.Count == ProblemsShownMax ? "; …" : "")}.");
            }

            return warnings;
        }
        catch (SqliteException) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            throw Failed(what, "opening it", [e.Message]);
        }
        catch (SqliteException e)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"SQLite could not check {what} at {path}: {e.Message}",
                "This says nothing about the data, whose fingerprint is right. SQLite needs to open that path (at most 504 bytes) and room for temporary files (TMPDIR); or restore with --no-sqlite-checks and check afterwards.",
                e);
        }
    }

    /// <summary>True if Entity Framework Core was migrating when the database was captured: <c>Migrate()</c> would wait for that for ever.</summary>
    public static bool HoldsMigrationsLock(string path)
    {
        if (new FileInfo(path).Length == 0)
        {
            return false;
        }

        try
        {
            using var connection = OpenImmutable(path);
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '__EFMigrationsLock')";
            if (command.ExecuteScalar() is not 1L)
            {
                return false;
            }

            command.CommandText = "SELECT EXISTS (SELECT 1 FROM __EFMigrationsLock)";
            return command.ExecuteScalar() is 1L;
        }
        catch (SqliteException)
        {
            // What SQLite cannot read is the business of the checks, which may be left out on purpose.
            return false;
        }
    }

    private static SqliteConnection OpenImmutable(string path)
    {
        var uri = new Uri(path).AbsoluteUri + "?immutable=1";
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = uri, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static List<string> Problems(SqliteConnection connection, string check, string sql, Func<SqliteDataReader, string?> problemIn, List<string> warnings)
    {
        List<string> problems = [];
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            using var reader = command.ExecuteReader();
            while (problems.Count < ProblemsShownMax && reader.Read())
            {
                if (problemIn(reader) is { } problem)
                {
                    problems.Add(problem);
                }
            }
        }
        catch (SqliteException e) when (IsMissingExtension(e))
        {
            warnings.Add($"{check} could not be completed: {e.Message}");
        }

        return problems;
    }

    /// <summary>The app may use collations, functions or virtual tables of its own. That says nothing about the data.</summary>
    private static bool IsMissingExtension(SqliteException e) =>
        e.SqliteErrorCode == raw.SQLITE_ERROR
        && (e.Message.Contains("no such module", StringComparison.Ordinal)
            || e.Message.Contains("no such collation", StringComparison.Ordinal)
            || e.Message.Contains("no such function", StringComparison.Ordinal)
            || e.Message.Contains("unknown tokenizer", StringComparison.Ordinal));

    private static UnsoundDatabaseException Failed(string what, string check, IReadOnlyList<string> problems) => new($"SQLite finds damage in {what} ({check}): {string.Join("; ", problems)}");
}
