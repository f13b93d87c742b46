using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Writer;

/// <summary>The connections and the load of this process, and one method per command.</summary>
internal sealed class Application : IDisposable
{
    private readonly Dictionary<string, SqliteConnection> _connections = [];
    private Load? _load;

    /// <summary>True after <c>exit</c>: everything is closed as an application that ends well does.</summary>
    public bool IsFinished { get; private set; }

    public JsonObject Answer(JsonObject command)
    {
        try
        {
            var answer = Obey(command);
            answer["ok"] = true;
            return answer;
        }
        catch (SqliteException e)
        {
            return new JsonObject { ["error"] = e.Message, ["code"] = e.SqliteExtendedErrorCode };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return new JsonObject { ["error"] = e.Message, ["code"] = 0 };
        }
    }

    public void Dispose()
    {
        _load?.Dispose();
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }

        _connections.Clear();
    }

    private JsonObject Obey(JsonObject command) => Text(command, "do") switch
    {
        "open" => Open(Text(command, "connection"), Text(command, "path"), Text(command, "pragmas"), command["lockWaitSeconds"]!.GetValue<int>()),
        "close" => Close(Text(command, "connection")),
        "execute" => Execute(Text(command, "connection"), Text(command, "sql")),
        "scalar" => Scalar(Text(command, "connection"), Text(command, "sql")),
        "content" => Value(LogicalContent.Hash(Connection(Text(command, "connection")))),
        "sample" => CreateSample(Connection(Text(command, "connection"))),
        "change" => Change(command),
        "touch" => Touch(Connection(Text(command, "connection")), command["count"]!.GetValue<int>()),
        "fill-log" => FillLog(command),
        "begin" => Begin(command),
        "log-frames" => Value(Log.FrameCount(Connection(Text(command, "connection")))),
        "load" => StartLoad(command),
        "await-commits" => Value(_load!.AwaitCommits(command["count"]!.GetValue<long>())),
        "stop" => StopLoad(),
        "user" => Become(command["id"]!.GetValue<uint>()),
        "umask" => Umask(command["mask"]!.GetValue<uint>()),
        "locks" => new JsonObject { ["locks"] = LockTable.Read(Text(command, "path")) },
        "look" => new JsonObject { ["lines"] = Surroundings.Describe(Text(command, "path")) },
        "merge" => Merge(Text(command, "path"), Text(command, "target")),
        "compare" => Value(SparseFile.Difference(Text(command, "expected"), Text(command, "found"))),
        "validate" => Value(SampleTables.Validate(Text(command, "path"))),
        "validate-live" => Value(SampleTables.Validate(Connection(Text(command, "connection")), "the live database")),
        "examine" => Examine(Text(command, "path")),
        "look-at-commit" => LookAtCommit(Connection(Text(command, "connection"))),
        "index" => Value(Convert.ToHexStringLower(WalIndex.ReadHeader(Text(command, "path")))),
        "set-index" => SetIndex(Text(command, "path"), Text(command, "header")),
        "crash" => Crash(),
        "exit" => Exit(),
        var unknown => throw new InvalidOperationException($"'{unknown}' is not a command of the writer."),
    };

    private JsonObject Open(string name, string path, string pragmas, int lockWaitSeconds)
    {
        var connection = Database.Open(path, lockWaitSeconds);
        _connections.Add(name, connection);
        Database.Execute(connection, pragmas);
        return [];
    }

    private JsonObject Close(string name)
    {
        _connections.Remove(name, out var connection);
        connection!.Dispose();
        return [];
    }

    private JsonObject Execute(string name, string sql)
    {
        Database.Execute(Connection(name), sql);
        return [];
    }

    private JsonObject Scalar(string name, string sql) => Value(Database.Scalar(Connection(name), sql));

    private static JsonObject CreateSample(SqliteConnection connection)
    {
        Database.Execute(connection, SampleTables.Schema);
        return [];
    }

    /// <summary>Answers the number of commits that the database then holds.</summary>
    private JsonObject Change(JsonObject command)
    {
        var connection = Connection(Text(command, "connection"));
        var random = new Random(command["seed"]!.GetValue<int>());
        for (var count = command["count"]!.GetValue<int>(); count > 0; count--)
        {
            SampleTables.Change(connection, random, command["itemsMax"]!.GetValue<int>(), command["rollBackPart"]!.GetValue<bool>());
        }

        return Value(Tally.Read(connection).Commits);
    }

    private static JsonObject Touch(SqliteConnection connection, int count)
    {
        for (; count > 0; count--)
        {
            SampleTables.Touch(connection);
        }

        return Value(Tally.Read(connection).Commits);
    }

    private JsonObject FillLog(JsonObject command)
    {
        Log.Fill(Connection(Text(command, "connection")), new Random(command["seed"]!.GetValue<int>()), command["frames"]!.GetValue<int>(), command["itemsMax"]!.GetValue<int>());
        return [];
    }

    private JsonObject Begin(JsonObject command)
    {
        SampleTables.Begin(Connection(Text(command, "connection")), new Random(command["seed"]!.GetValue<int>()));
        return [];
    }

    private static JsonObject SetIndex(string path, string header)
    {
        WalIndex.WriteHeader(path, Convert.FromHexString(header));
        return [];
    }

    private JsonObject StartLoad(JsonObject command)
    {
        _load = new Load(new LoadOptions
        {
            Path = Text(command, "path"),
            Seed = command["seed"]!.GetValue<int>(),
            Writers = command["writers"]!.GetValue<int>(),
            Pragmas = Text(command, "pragmas"),
            CommitsPerSecond = command["commitsPerSecond"]!.GetValue<int>(),
            Checkpoint = Text(command, "checkpoint"),
            Checkpointers = command["checkpointers"]!.GetValue<int>(),
            PauseMilliseconds = command["pauseMilliseconds"]!.GetValue<int>(),
            ItemsMax = command["itemsMax"]!.GetValue<int>(),
            Vacuum = command["vacuum"]!.GetValue<bool>(),
            Reopen = command["reopen"]!.GetValue<bool>(),
            TurnJournalMode = command["turnJournalMode"]!.GetValue<bool>(),
        });
        return [];
    }

    private JsonObject StopLoad()
    {
        var (commits, checkpoints) = _load!.Stop();
        _load = null;
        return new JsonObject { ["commits"] = commits, ["checkpoints"] = checkpoints };
    }

    private static JsonObject Become(uint id)
    {
        Libc.BecomeUser(id);
        return [];
    }

    private static JsonObject Umask(uint mask)
    {
        Libc.SetUmask(mask);
        return [];
    }

    private static JsonObject Merge(string path, string target)
    {
        MergedCopy.Make(path, target);
        return [];
    }

    private static JsonObject Examine(string path)
    {
        using var connection = Database.Open(path);
        _ = SampleTables.Validate(connection, path);
        return LookAtCommit(connection);
    }

    private static JsonObject LookAtCommit(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: true);
        return new JsonObject { ["commits"] = Tally.Read(connection).Commits, ["hash"] = LogicalContent.HashWithin(connection) };
    }

    private static JsonObject Crash()
    {
        Libc.ExitNow(3);
        return [];
    }

    private JsonObject Exit()
    {
        Dispose();
        IsFinished = true;
        return [];
    }

    private SqliteConnection Connection(string name) =>
        _connections.TryGetValue(name, out var connection) ? connection : throw new InvalidOperationException($"There is no open connection '{name}'.");

    private static JsonObject Value(JsonNode? value) => new() { ["value"] = value };

    private static string Text(JsonObject command, string name) => command[name]?.GetValue<string>() ?? "";
}
