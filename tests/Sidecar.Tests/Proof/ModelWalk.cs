using BackupSidecar.Backup;
using BackupSidecar.Pack;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Proof;

/// <summary>One application, one repository, and a plain copy of the database for every backup. Each step does one thing at random.</summary>
internal sealed class ModelWalk : IAsyncDisposable
{
    private readonly Random _random;
    private readonly ScratchVolume _volume = new();
    private readonly ModelApplication _app;
    private readonly WriterProcess _outside = WriterProcess.Start();
    private readonly List<(BackupManifest Manifest, string Copy)> _backups = [];
    private readonly List<string> _log = [];
    private readonly (int Weight, string Name, Func<Task> Do)[] _steps;
    private int _files;

    private ModelWalk(Random random)
    {
        _random = random;
        _app = new ModelApplication(_volume.Database, random);
        _steps =
        [
            (30, "write", _app.WriteAsync),
            (6, "delete", _app.DeleteAsync),
            (8, "checkpoint", _app.CheckpointAsync),
            (4, "vacuum", _app.VacuumAsync),
            (3, "shrink", _app.ShrinkAsync),
            (2, "change the page size", _app.ChangePageSizeAsync),
            (4, "switch the journal", _app.SwitchJournalAsync),
            (5, "begin", _app.BeginAsync),
            (4, "end", _app.EndAsync),
            (4, "read for long", _app.ReadForLongAsync),
            (3, "close", _app.CloseAsync),
            (2, "kill", _app.KillAsync),
            (2, "replace the file", ReplaceFileAsync),
            (30, "back up", BackupAsync),
            (3, "back up under load", BackupUnderLoadAsync),
            (3, "delete the state", DeleteState),
            (8, "restore", RestoreAsync),
            (2, "restore over it", RestoreOverAsync),
            (4, "verify", VerifyAsync),
        ];
    }

    public int BackupCount => _backups.Count;

    /// <summary>What was done, in order.</summary>
    public IReadOnlyList<string> Log => _log;

    private string State => _volume.Elsewhere("state");

    private FileSystemStore Store => new(_volume.Elsewhere("repository"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<ModelWalk> StartAsync(Random random)
    {
        var walk = new ModelWalk(random);
        await walk._app.CreateAsync();
        await walk.BackupAsync();
        return walk;
    }

    public async Task StepAsync()
    {
        var drawn = _random.Next(_steps.Sum(step => step.Weight));
        var (_, name, work) = _steps.First(step => (drawn -= step.Weight) < 0);
        _log.Add(name);
        await work();
    }

    public async Task AssertAllRestoreAsync()
    {
        foreach (var backup in _backups)
        {
            await AssertRestoresAsync(backup);
        }

        Assert.Empty((await RunVerifyAsync(VerifyLevel.Drill)).Findings);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _outside.DisposeAsync();
        _volume.Dispose();
    }

    private async Task BackupAsync()
    {
        var before = await _outside.LookAsync(_volume.Database);
        var copy = NewPath("copy.db");
        await _outside.MergeAsync(_volume.Database, copy);
        BackupManifest manifest;
        try
        {
            manifest = await RunBackupAsync();
        }
        catch (OperatorException e) when (_app.MayNeedRecovery && e.Message.Contains("recovered by its app", StringComparison.Ordinal))
        {
            File.Delete(copy);
            return;
        }

        Assert.Equal(before.ToString(), (await _outside.LookAsync(_volume.Database)).ToString());
        _backups.Add((manifest, copy));
        if (_random.Next(4) == 0)
        {
            await AssertRestoresAsync(_backups[^1]);
        }
    }

    /// <summary>Which commit it is nobody knows; it must be one, and the same at every restore.</summary>
    private async Task BackupUnderLoadAsync()
    {
        BackupManifest? manifest = null;
        await _app.UnderLoadAsync(async () => manifest = await RunBackupAsync());
        var copy = await RunRestoreAsync(manifest!);
        await _outside.ValidateAsync(WorkingCopy(copy));
        _backups.Add((manifest!, copy));
    }

    private Task DeleteState()
    {
        if (Directory.Exists(State))
        {
            Directory.Delete(State, recursive: true);
        }

        return Task.CompletedTask;
    }

    private Task RestoreAsync() => AssertRestoresAsync(Any());

    private async Task RestoreOverAsync()
    {
        await _app.CloseAsync();
        var backup = Any();
        var result = await RunAsync(new RestoreOptions { OutputPath = _volume.Database, Overwrite = true, AppIsStopped = true, Choice = ChoiceOf(backup.Manifest) });
        AssertSame(backup.Copy, _volume.Database);
        File.Delete(result.SafetyCopyPath!);
        Assert.Equal([_volume.Database], Directory.GetFiles(_volume.Data));
    }

    /// <summary>As an operator without this program: an older copy takes the place of the database.</summary>
    private async Task ReplaceFileAsync()
    {
        await _app.CloseAsync();
        foreach (var suffix in (string[])["-wal", "-shm", "-journal"])
        {
            File.Delete(_volume.Database + suffix);
        }

        File.Move(WorkingCopy(Any().Copy), _volume.Database, overwrite: true);
    }

    private async Task VerifyAsync()
    {
        var levels = (VerifyLevel[])[VerifyLevel.Structure, VerifyLevel.Data, VerifyLevel.Drill];
        Assert.Empty((await RunVerifyAsync(levels[_random.Next(levels.Length)])).Findings);
    }

    private async Task AssertRestoresAsync((BackupManifest Manifest, string Copy) backup)
    {
        var restored = await RunRestoreAsync(backup.Manifest);
        AssertSame(backup.Copy, restored);
        File.Delete(restored);
    }

    private async Task<BackupManifest> RunBackupAsync()
    {
        var levels = (CompressionLevel[])[CompressionLevel.None, CompressionLevel.Light, CompressionLevel.Heavy];
        var options = new BackupOptions { DatabasePath = _volume.Database, StateDirectory = State, Compression = levels[_random.Next(levels.Length)], Workers = _random.Next(1, 5) };
        await using var repository = await BackupRepository.OpenForWritingAsync(Store, "the model", createIfMissing: true, TimeProvider.System, Ct);
        var result = await new BackupRun(repository, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
        Assert.Empty(result.Doubts);
        return result.Manifest;
    }

    private async Task<string> RunRestoreAsync(BackupManifest manifest)
    {
        var path = NewPath("restored.db");
        await RunAsync(new RestoreOptions { OutputPath = path, Choice = ChoiceOf(manifest) });
        return path;
    }

    private async Task<RestoreResult> RunAsync(RestoreOptions options)
    {
        var repository = await BackupRepository.OpenForReadingAsync(Store, Ct);
        return await new RestoreRun(repository, options, TimeProvider.System, progress: null).ExecuteAsync(Ct);
    }

    private async Task<VerifyResult> RunVerifyAsync(VerifyLevel level)
    {
        var repository = await BackupRepository.OpenForReadingAsync(Store, Ct);
        return await new VerifyRun(repository, new VerifyOptions { Level = level, ScratchDirectory = _volume.Elsewhere("") }, TimeProvider.System, progress: null).ExecuteAsync(Ct);
    }

    private static void AssertSame(string expected, string found) => ProofScene.AssertEqual(File.ReadAllBytes(expected), File.ReadAllBytes(found));

    private static RestoreChoice ChoiceOf(BackupManifest manifest) => new(manifest.BackupId.ToString(), null, null, null);

    private (BackupManifest Manifest, string Copy) Any() => _backups[_random.Next(_backups.Count)];

    /// <summary>A copy to be used up: SQLite changes files that it opens.</summary>
    private string WorkingCopy(string copy)
    {
        var path = NewPath("working.db");
        File.Copy(copy, path);
        return path;
    }

    private string NewPath(string name) => _volume.Elsewhere($"{++_files}-{name}");
}
