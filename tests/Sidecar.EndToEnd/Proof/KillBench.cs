using System.Text.Json.Nodes;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>An application that never stops writing, and the program run on it, mostly to be killed.</summary>
internal sealed class KillBench : IAsyncDisposable
{
    private const int RowsMax = 300;

    private readonly Random _random;
    private readonly ScratchVolume _volume = new();
    private readonly WriterProcess _app = WriterProcess.Start();
    private readonly WriterProcess _outside = WriterProcess.Start();

    /// <summary>What exited with 0, and the bytes that its first restore gave.</summary>
    private readonly List<(string Id, string Copy)> _acknowledged = [];

    /// <summary>The latest moment of a kill, by command. It follows how long the command takes on this machine today.</summary>
    private readonly Dictionary<string, TimeSpan> _killWithin = new() { ["backup"] = TimeSpan.FromMilliseconds(60), ["restore"] = TimeSpan.FromMilliseconds(60) };
    private long _commits;
    private int _kills;
    private int _tooLate;
    private int _files;

    private KillBench(Random random) => _random = random;

    public string Report => $"{_kills} kills, {_tooLate} came too late; {_acknowledged.Count} acknowledged backups of up to {_commits} commits";

    private string Repository => _volume.Elsewhere("repository");

    private string State => _volume.Elsewhere("state");

    public static async Task<KillBench> StartAsync(Random random, CancellationToken ct)
    {
        var bench = new KillBench(random);
        await bench._app.OpenAsync("app", bench._volume.Database, "PRAGMA journal_mode=WAL");
        await bench._app.CreateSampleTablesAsync("app");
        await bench._app.StartLoadAsync(bench._volume.Database, new WriterLoad { Seed = random.Next(), Writers = 2, CommitsPerSecond = 60, Pragmas = "PRAGMA wal_autocheckpoint=60", ItemsMax = RowsMax });
        await bench._app.AwaitCommitsAsync(50);

        // Also the very first run may be killed, before there is a repository.
        await bench.KillAsync(bench.BackupArguments(), ct);
        await bench.BackUpAsync(ct);
        return bench;
    }

    /// <summary>A few kills, then proof, then a backup that is let live.</summary>
    public async Task RoundAsync(CancellationToken ct)
    {
        for (var kills = _random.Next(1, 4); kills > 0; kills--)
        {
            await KillAsync(BackupArguments(), ct);
            await VerifyAsync(ct);
        }

        if (_random.Next(4) == 0)
        {
            Directory.Delete(State, recursive: true);
        }

        await BackUpAsync(ct);
        await KillRestoreAsync(Any(), ct);
        await AssertRestoresAsync(Any(), ct);
    }

    public async Task AssertAllRestoreAsync(CancellationToken ct)
    {
        await _app.StopLoadAsync();
        foreach (var backup in _acknowledged)
        {
            await AssertRestoresAsync(backup, ct);
        }

        Assert.True(_kills > 0, Report);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _outside.DisposeAsync();
        _volume.Dispose();
    }

    /// <summary>Acknowledged: exit code 0. The restored database is one committed state and no older than those before it.</summary>
    private async Task BackUpAsync(CancellationToken ct)
    {
        var result = (await SidecarBinary.RunAsync(BackupArguments(), ct)).ShouldExit(0);
        var id = JsonNode.Parse(result.OutputLines[^1])!["backupId"]!.GetValue<string>();
        var copy = await RestoreAsync(id, ct);
        var working = NewPath("working.db");
        File.Copy(copy, working);
        var commits = await _outside.ValidateAsync(working);
        File.Delete(working);
        Assert.True(commits >= _commits, $"Backup {id} holds {commits} commits, an earlier one held {_commits}.");
        _commits = commits;
        _acknowledged.Add((id, copy));
    }

    private async Task VerifyAsync(CancellationToken ct)
    {
        var result = await SidecarBinary.RunAsync(["verify", "--repository", Repository, "--level", "data", "--json"], ct);
        var summary = JsonNode.Parse(result.ShouldExit(0).OutputLines[^1])!;
        Assert.Empty(summary["findings"]!.AsArray());
        Assert.True(summary["manifests"]!.GetValue<int>() >= _acknowledged.Count, result.ToString());
    }

    /// <summary>After a killed restore there is no database or the whole one, and the next restore works.</summary>
    private async Task KillRestoreAsync((string Id, string Copy) backup, CancellationToken ct)
    {
        var directory = Directory.CreateDirectory(NewPath("target"));
        var target = Path.Combine(directory.FullName, "app.db");
        await KillAsync(RestoreArguments(backup.Id, target), ct);
        if (File.Exists(target))
        {
            await AssertSameAsync(backup.Copy, target, ct);
        }

        (await SidecarBinary.RunAsync([.. RestoreArguments(backup.Id, target), "--if-missing"], ct)).ShouldExit(0);
        await AssertSameAsync(backup.Copy, target, ct);
        Assert.Equal([target], Directory.GetFileSystemEntries(directory.FullName));
        directory.Delete(recursive: true);
    }

    private async Task AssertRestoresAsync((string Id, string Copy) backup, CancellationToken ct)
    {
        var restored = await RestoreAsync(backup.Id, ct);
        await AssertSameAsync(backup.Copy, restored, ct);
        File.Delete(restored);
    }

    private async Task<string> RestoreAsync(string id, CancellationToken ct)
    {
        var path = NewPath("restored.db");
        (await SidecarBinary.RunAsync(RestoreArguments(id, path), ct)).ShouldExit(0);
        return path;
    }

    private async Task KillAsync(string[] arguments, CancellationToken ct)
    {
        await using var process = SidecarProcess.Start(SidecarBinary.Current, arguments);

        // The moment is the point of this test; a run that ends before it is acknowledged by nobody, and does no harm.
        await Task.Delay(_killWithin[arguments[0]] * _random.NextDouble(), TimeProvider.System, ct);
        process.Kill();
        var result = await process.WaitForExitAsync(ct);
        Assert.True(result.ExitCode is 0 or 137, result.ToString());
        var isTooLate = result.ExitCode == 0;
        _killWithin[arguments[0]] *= isTooLate ? 0.8 : 1.1;
        _kills += isTooLate ? 0 : 1;
        _tooLate += isTooLate ? 1 : 0;
    }

    private static async Task AssertSameAsync(string expected, string found, CancellationToken ct)
    {
        var (first, second) = (await File.ReadAllBytesAsync(expected, ct), await File.ReadAllBytesAsync(found, ct));
        Assert.True(first.AsSpan().SequenceEqual(second), $"{found} is not what the first restore of its backup gave.");
    }

    private string[] BackupArguments() => ["backup", "--database", _volume.Database, "--repository", Repository, "--state", State, "--json"];

    private string[] RestoreArguments(string id, string target) => ["restore", "--repository", Repository, "--backup", id, "--output", target, "--json"];

    private (string Id, string Copy) Any() => _acknowledged[_random.Next(_acknowledged.Count)];

    private string NewPath(string name) => _volume.Elsewhere($"{++_files}-{name}");
}
