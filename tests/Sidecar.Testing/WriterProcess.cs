using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace BackupSidecar.Testing;

/// <summary>An application in a process of its own: it opens databases with SQLite and does what a test says, one command at a time.</summary>
/// <remarks>
/// Deterministic: a command is done when its task is. A process that is to look at files or locks from outside is another one, which opens
/// no database. Disposing kills it.
/// </remarks>
internal sealed class WriterProcess : IAsyncDisposable
{
    /// <summary>Far above what any command takes on a busy machine; past it the test fails with the command that hung.</summary>
    private static readonly TimeSpan AnswerWaitMax = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private WriterProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public static WriterProcess Start()
    {
        // The project reference has put the program beside the test assembly; it runs on the runtime that runs the tests.
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Sidecar.Writer"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new WriterProcess(Process.Start(start)!);
    }

    /// <summary>Opens a connection, which later commands name. <paramref name="path"/> may be a <c>file:</c> URI.</summary>
    /// <param name="connection">Its name in this process.</param>
    /// <param name="path">The database; created when missing.</param>
    /// <param name="pragmas">Run at once.</param>
    /// <param name="lockWaitSeconds">How long a statement of this connection waits for others' locks.</param>
    public Task OpenAsync(string connection, string path, string pragmas = "", int lockWaitSeconds = 20) =>
        SendAsync("open", ("connection", connection), ("path", path), ("pragmas", pragmas), ("lockWaitSeconds", lockWaitSeconds));

    public Task CloseAsync(string connection) => SendAsync("close", ("connection", connection));

    public Task ExecuteAsync(string connection, string sql) => SendAsync("execute", ("connection", connection), ("sql", sql));

    public async Task<string?> ScalarAsync(string connection, string sql) =>
        Value(await SendAsync("scalar", ("connection", connection), ("sql", sql)));

    /// <summary>A hash of schema and rows, the same for every layout of the pages.</summary>
    public async Task<string> ContentAsync(string connection) => Value(await SendAsync("content", ("connection", connection)))!;

    /// <summary>Makes the tables that a load writes to.</summary>
    public Task CreateSampleTablesAsync(string connection) => SendAsync("sample", ("connection", connection));

    /// <summary>Self-verifying transactions on an open connection, one after the other; returns the number of commits that the database then holds.</summary>
    /// <param name="connection">An open one.</param>
    /// <param name="seed">The same seed on the same state does the same.</param>
    /// <param name="count">Transactions.</param>
    /// <param name="itemsMax">When there are more rows, half of them are deleted.</param>
    /// <param name="rollBackPart">Whether each begins with a large savepoint that is rolled back; with a small cache that leaves frames in the log.</param>
    public async Task<long> ChangeAsync(string connection, int seed, int count = 1, int itemsMax = 600, bool rollBackPart = false) =>
        Number(await SendAsync("change", ("connection", connection), ("seed", seed), ("count", count), ("itemsMax", itemsMax), ("rollBackPart", rollBackPart)));

    /// <summary>Transactions of one frame each; returns the number of commits that the database then holds.</summary>
    public async Task<long> TouchAsync(string connection, int count = 1) => Number(await SendAsync("touch", ("connection", connection), ("count", count)));

    /// <summary>Commits until the log holds exactly this number of frames of its generation.</summary>
    public Task FillLogAsync(string connection, int seed, int frames, int itemsMax = 600) =>
        SendAsync("fill-log", ("connection", connection), ("seed", seed), ("frames", frames), ("itemsMax", itemsMax));

    /// <summary>The committed frames of the log's generation; -1 without a log.</summary>
    public async Task<long> LogFramesAsync(string connection) => Number(await SendAsync("log-frames", ("connection", connection)));

    /// <summary>Begins a large transaction and leaves it open; with a small cache its frames stand in the log.</summary>
    public Task BeginAsync(string connection, int seed) => SendAsync("begin", ("connection", connection), ("seed", seed));

    /// <summary>Both copies of the WAL-index header. Only for a process that has no database open.</summary>
    public async Task<string> IndexHeaderAsync(string path) => Value(await SendAsync("index", ("path", path)))!;

    /// <summary>Puts an earlier header back, as if whoever wrote the later one had died before that. Only for a process that has no database open.</summary>
    public Task SetIndexHeaderAsync(string path, string header) => SendAsync("set-index", ("path", path), ("header", header));

    public Task StartLoadAsync(string path, WriterLoad load) => SendAsync("load", load.Parameters(path));

    /// <summary>Returns when the running load has committed <paramref name="count"/> more times.</summary>
    public Task AwaitCommitsAsync(long count) => SendAsync("await-commits", ("count", count));

    public async Task<WriterLoadResult> StopLoadAsync()
    {
        var answer = await SendAsync("stop");
        return new WriterLoadResult(answer["commits"]!.GetValue<long>(), answer["checkpoints"]!.GetValue<long>());
    }

    /// <summary>Checks a database file that nobody writes and that holds the tables of a load; returns its number of commits.</summary>
    /// <exception cref="WriterException">It is not one committed state.</exception>
    public async Task<long> ValidateAsync(string path) => Number(await SendAsync("validate", ("path", path)));

    /// <summary>As <see cref="ValidateAsync"/>; returns also a hash of every row.</summary>
    /// <exception cref="WriterException">It is not one committed state.</exception>
    public Task<CommittedContent> ExamineAsync(string path) => ContentAsync("examine", ("path", path));

    /// <summary>What an open connection sees in one read transaction, beside whoever writes.</summary>
    public Task<CommittedContent> LookAtCommitAsync(string connection) => ContentAsync("look-at-commit", ("connection", connection));

    /// <summary>The same for the database of an open connection, in one read transaction.</summary>
    public async Task<long> ValidateLiveAsync(string connection) => Number(await SendAsync("validate-live", ("connection", connection)));

    /// <summary>Makes the file that a checkpoint of copies of the database and its WAL gives; the database must be at rest.</summary>
    public Task MergeAsync(string path, string target) => SendAsync("merge", ("path", path), ("target", target));

    /// <summary>Null if two files are equal; else a sentence that names the first difference.</summary>
    public async Task<string?> DifferenceAsync(string expected, string found) => Value(await SendAsync("compare", ("expected", expected), ("found", found)));

    public async Task<IReadOnlyList<HeldLock>> LocksAsync(string path) =>
        [.. (await SendAsync("locks", ("path", path)))["locks"]!.AsArray().Select(held => HeldLock.Read(held!.AsObject()))];

    /// <summary>Everything in and beside the database that a reader must leave as it is.</summary>
    public async Task<DatabaseSnapshot> LookAsync(string path) =>
        new([.. (await SendAsync("look", ("path", path)))["lines"]!.AsArray().Select(line => line!.GetValue<string>())]);

    /// <summary>Becomes another user (needs root), for good.</summary>
    public Task BecomeUserAsync(uint id) => SendAsync("user", ("id", id));

    public Task SetUmaskAsync(uint mask) => SendAsync("umask", ("mask", mask));

    /// <summary>Stops the load, closes all connections and ends: the way a well-behaved application leaves.</summary>
    public async Task ExitAsync()
    {
        await SendAsync("exit");
        await ExitedAsync("the writer's exit");
    }

    /// <summary>SIGKILL: nothing is closed, no transaction ends, the locks go with the process.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitedAsync("the killed writer's end");
    }

    /// <param name="command">See <c>Application</c> in the writer's project.</param>
    /// <param name="parameters">The command's, by name.</param>
    /// <exception cref="WriterException">The command failed.</exception>
    public async Task<JsonObject> SendAsync(string command, params (string Name, JsonNode Value)[] parameters)
    {
        var line = new JsonObject { ["do"] = command };
        foreach (var (name, value) in parameters)
        {
            line[name] = value;
        }

        await _process.StandardInput.WriteLineAsync(line.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var answer = await InTimeAsync(_process.StandardOutput.ReadLineAsync(), $"the writer's answer to {line.ToJsonString()}")
            ?? throw new WriterException($"The writer ended before it answered {line.ToJsonString()}.", 0);
        var result = JsonNode.Parse(answer)!.AsObject();
        return result["error"] is { } error ? throw new WriterException($"{error} (command: {line.ToJsonString()})", result["code"]!.GetValue<int>()) : result;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task<CommittedContent> ContentAsync(string command, (string Name, JsonNode Value) parameter)
    {
        var answer = await SendAsync(command, parameter);
        return new CommittedContent(answer["commits"]!.GetValue<long>(), answer["hash"]!.GetValue<string>());
    }

    private async Task ExitedAsync(string awaited) => await InTimeAsync(ExitAsync(_process), awaited);

    private static async Task<bool> ExitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return true;
    }

    private static async Task<T> InTimeAsync<T>(Task<T> task, string awaited)
    {
        try
        {
            return await task.WaitAsync(AnswerWaitMax, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {AnswerWaitMax.TotalSeconds} s for {awaited}.");
        }
    }

    private static long Number(JsonObject answer) => answer["value"]!.GetValue<long>();

    private static string? Value(JsonObject answer) => answer["value"]?.GetValue<string>();
}
