using System.Globalization;
using BackupSidecar.Testing;

namespace BackupSidecar.Tests.Proof;

/// <summary>The application of a model: a process with perhaps a connection, a transaction and a long reader open, and in what journal mode.</summary>
internal sealed class ModelApplication(string path, Random random) : IAsyncDisposable
{
    private const string Main = "main";
    private const string Reader = "reader";
    private const string Unsynced = "PRAGMA synchronous=OFF;";
    private const int BodyLengthMax = 1500;

    private static readonly int[] PageSizes = [512, 1024, 2048, 4096, 8192, 16384, 65536];
    private static readonly string[] RollbackModes = ["DELETE", "TRUNCATE", "PERSIST"];
    private static readonly string[] Checkpoints = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"];
    private static readonly string[] AutoVacuums = ["NONE", "FULL", "INCREMENTAL"];

    private WriterProcess _process = WriterProcess.Start();
    private bool _isOpen;
    private bool _isReading;
    private bool _isInTransaction;
    private bool _isWal;

    /// <summary>Killed within a transaction of a rollback journal: SQLite may have to recover before anybody can read.</summary>
    public bool MayNeedRecovery { get; private set; }

    public async Task CreateAsync()
    {
        await EnsureOpenAsync();
        await ExecuteAsync("CREATE TABLE t(id INTEGER PRIMARY KEY, body); CREATE INDEX t_body ON t(substr(body, 1, 8));");
        await _process.CreateSampleTablesAsync(Main);
        await WriteAsync();
    }

    public async Task WriteAsync()
    {
        await EnsureOpenAsync();
        var statements = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(3) == 0
            ? $"UPDATE t SET body = {Body()} WHERE id = (SELECT id FROM t WHERE id >= {random.Next(400)} ORDER BY id LIMIT 1);"
            : $"INSERT OR REPLACE INTO t VALUES({random.Next(400)}, {Body()});");
        await ExecuteAsync(InTransaction(string.Concat(statements)));
    }

    public async Task DeleteAsync()
    {
        await EnsureOpenAsync();
        await ExecuteAsync(InTransaction($"DELETE FROM t WHERE id % {random.Next(2, 6)} = 0;"));
    }

    public async Task CheckpointAsync()
    {
        await EnsureIdleAsync();
        await ExecuteAsync($"PRAGMA wal_checkpoint({Pick(Checkpoints)})");
    }

    public async Task VacuumAsync()
    {
        await EnsureIdleAsync();
        await ExecuteAsync("VACUUM");
    }

    /// <summary>Frees pages at the end of the file, by one of the two ways that there are.</summary>
    public async Task ShrinkAsync()
    {
        await EnsureIdleAsync();
        await ExecuteAsync($"PRAGMA auto_vacuum={Pick(AutoVacuums)}; VACUUM; DELETE FROM t WHERE id % 3 <> 0; PRAGMA incremental_vacuum;");
    }

    public async Task ChangePageSizeAsync()
    {
        await SetModeAsync(Pick(RollbackModes));
        await ExecuteAsync($"PRAGMA page_size={Pick(PageSizes)}; VACUUM;");
        await SetModeAsync(random.Next(2) == 0 ? "WAL" : Pick(RollbackModes));
    }

    public Task SwitchJournalAsync() => SetModeAsync(_isWal ? Pick(RollbackModes) : "WAL");

    /// <summary>Begins a transaction that stays open, in WAL mode so large that uncommitted frames are in the log.</summary>
    public async Task BeginAsync()
    {
        await EnsureOpenAsync();
        if (!_isInTransaction)
        {
            await ExecuteAsync($"PRAGMA cache_size={(_isWal ? 5 : 2000)}; BEGIN IMMEDIATE;");
            _isInTransaction = true;
            await WriteAsync();
            await WriteAsync();
        }
    }

    public async Task EndAsync()
    {
        if (_isInTransaction)
        {
            await ExecuteAsync(random.Next(2) == 0 ? "COMMIT" : "ROLLBACK");
            _isInTransaction = false;
        }
    }

    /// <summary>A reader that stays; with a rollback journal it would keep every commit out.</summary>
    public async Task ReadForLongAsync()
    {
        await EnsureOpenAsync();
        if (_isWal && !_isReading)
        {
            await _process.OpenAsync(Reader, path, Unsynced);
            await _process.ExecuteAsync(Reader, "BEGIN");
            await _process.ScalarAsync(Reader, "SELECT count(*) FROM t");
            _isReading = true;
        }
        else
        {
            await StopReadingAsync();
        }
    }

    public async Task CloseAsync()
    {
        if (_isOpen)
        {
            await StopReadingAsync();
            await EndAsync();
            await _process.CloseAsync(Main);
            _isOpen = false;
        }
    }

    public async Task KillAsync()
    {
        MayNeedRecovery = _isInTransaction && !_isWal;
        (_isOpen, _isReading, _isInTransaction) = (false, false, false);
        await _process.KillAsync();
        await _process.DisposeAsync();
        _process = WriterProcess.Start();
    }

    /// <summary>Writes from other connections in the background while <paramref name="work"/> runs.</summary>
    public async Task UnderLoadAsync(Func<Task> work)
    {
        await EnsureIdleAsync();
        await StopReadingAsync();
        var load = new WriterLoad { Seed = random.Next(), Pragmas = $"PRAGMA wal_autocheckpoint={random.Next(1, 300)}", ItemsMax = 100, CommitsPerSecond = _isWal ? 0 : 100 };
        await _process.StartLoadAsync(path, load);
        await _process.AwaitCommitsAsync(3);
        await work();
        await _process.StopLoadAsync();
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task SetModeAsync(string mode)
    {
        await EnsureIdleAsync();
        await StopReadingAsync();
        var now = await _process.ScalarAsync(Main, $"PRAGMA journal_mode={mode}");
        _isWal = now == "wal";
    }

    private async Task EnsureOpenAsync()
    {
        if (!_isOpen)
        {
            await _process.OpenAsync(Main, path, Unsynced);
            _isWal = await _process.ScalarAsync(Main, "PRAGMA journal_mode") == "wal";
            await _process.ScalarAsync(Main, "SELECT count(*) FROM sqlite_schema");
            (_isOpen, MayNeedRecovery) = (true, false);
        }
    }

    private async Task EnsureIdleAsync()
    {
        await EnsureOpenAsync();
        await EndAsync();
    }

    private async Task StopReadingAsync()
    {
        if (_isReading)
        {
            await _process.CloseAsync(Reader);
            _isReading = false;
        }
    }

    private Task ExecuteAsync(string sql) => _process.ExecuteAsync(Main, sql);

    private string InTransaction(string sql) => _isInTransaction ? sql : $"BEGIN IMMEDIATE; {sql} COMMIT;";

    private string Body()
    {
        var bytes = new byte[random.Next(BodyLengthMax)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(bytes);
        }

        return string.Create(CultureInfo.InvariantCulture, $"x'{Convert.ToHexStringLower(bytes)}'");
    }

    private T Pick<T>(T[] choices) => choices[random.Next(choices.Length)];
}
