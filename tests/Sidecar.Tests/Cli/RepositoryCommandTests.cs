using BackupSidecar.Cli;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Sync;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>What 'repository check' and 'repository copy' say of repositories that are not as they should be.</summary>
public sealed class RepositoryCommandTests : IDisposable
{
    private readonly CompactionScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly CommandLineBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Local => _directory.Join("local");

    private string Remote => _directory.Join("offsite");

    public void Dispose()
    {
        _scene.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_check_of_two_repositories_in_step_says_so()
    {
        await _scene.CaptureAtAsync(0, 1);
        _ = await SyncScene.SyncAsync(_scene, new FileSystemStore(Remote));
        await WriteLocalAsync();

        Assert.Equal(ExitCode.Ok, await CheckAsync());

        Assert.Contains("holds the newest local position and every backup", _bench.Out, StringComparison.Ordinal);
        Assert.Empty(_bench.ErrorLines);
    }

    /// <summary>The local one was set back and has captured again: the same number of the same timeline is there and here, of other contents.</summary>
    [Fact]
    public async Task A_check_tells_that_the_same_numbers_are_two_histories()
    {
        await _scene.CaptureAtAsync(0, 1);
        var earlier = _scene.Store.Copy();
        await _scene.CaptureAtAsync(2);
        _ = await SyncScene.SyncAsync(_scene, new FileSystemStore(Remote));
        _scene.Store = earlier;
        _scene.History.RemoveAt(2);
        await _scene.CaptureAtAsync(10);
        await WriteLocalAsync();

        Assert.Equal(ExitCode.Partial, await CheckAsync());

        Assert.Contains(_bench.ErrorLines, line => line.Contains($"Position {_scene.Newest} of source 'app' was captured at 2026-03-01 12:00:10Z in {Local}, and at 2026-03-01 12:00:02Z in {Remote}: two histories of one name.", StringComparison.Ordinal));
        Assert.Contains(_bench.OutLines, line => line.StartsWith("app ", StringComparison.Ordinal) && line.Contains(" NO ", StringComparison.Ordinal));
        Assert.Contains("lacks something. It holds another history of a source", _bench.OutLines[^1], StringComparison.Ordinal);
        Assert.Equal(ExitCode.VerificationFailed, await _bench.RunAsync("repository", "copy", "--from", Local, "--to", Remote));
    }

    [Fact]
    public async Task What_a_directory_lacks_a_copy_brings_there_as_the_check_says()
    {
        await _scene.CaptureAtAsync(0, 1);
        _ = await SyncScene.SyncAsync(_scene, new FileSystemStore(Remote));
        await _scene.CaptureAtAsync(2);
        await WriteLocalAsync();

        Assert.Equal(ExitCode.Partial, await CheckAsync());
        Assert.Contains("where it does not, 'repository copy' does.", _bench.OutLines[^1], StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, await _bench.RunAsync("repository", "copy", "--from", Local, "--to", Remote));
        Assert.Equal(ExitCode.Ok, await CheckAsync());
    }

    [Fact]
    public async Task A_copy_over_a_gap_brings_what_can_be_restored_names_the_gap_and_ends_with_3()
    {
        await _scene.CaptureAtAsync(0, 1, 2, 3);
        _scene.Store.Remove((await _scene.CatalogAsync()).Packs.Single(pack => pack.Name.To == _scene.History[2].Position).Name.ToString());
        await WriteLocalAsync();

        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("repository", "copy", "--from", Local, "--to", Remote));

        Assert.Contains(_bench.ErrorLines, line => line.Contains($"no pack in {Local} leads to position {_scene.History[2].Position}", StringComparison.Ordinal));
        Assert.Contains("app: position 2 is restorable", _bench.OutLines[^1], StringComparison.Ordinal);
        await SyncScene.AssertThereAsync(_scene, new FileSystemStore(Remote), [_scene.History[1].Position]);
    }

    [Fact]
    public async Task A_lost_record_is_told_by_every_command_and_written_anew_by_one()
    {
        await _scene.CaptureAtAsync(0, 1);
        await WriteLocalAsync();
        File.Delete(Path.Join(Local, "sources", "app.json"));
        string[] at = ["--repository", Local];

        Assert.Equal(ExitCode.VerificationFailed, await _bench.RunAsync(["restore", .. at, "--output", _directory.Join("z.db"), "--if-missing"]));
        Assert.Equal(ExitCode.Partial, await _bench.RunAsync(["list", .. at]));
        Assert.Equal(ExitCode.VerificationFailed, await _bench.RunAsync(["verify", .. at]));
        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("repository", "copy", "--from", Local, "--to", Remote));
        Assert.Equal(ExitCode.Partial, await _bench.RunAsync("repository", "add", "--path", Local));
        Assert.Equal(3, _bench.ErrorLines.Count(line => line.Contains(_scene.Source.Id.ToString(), StringComparison.Ordinal) && line.Contains("name is lost", StringComparison.Ordinal)) - 1);

        Assert.Equal(ExitCode.Ok, await _bench.RunAsync(["repository", "repair-source", .. at, "--id", _scene.Source.Id.ToString(), "--source", "app"]));
        Assert.Contains("has source 'app' again", _bench.OutLines[^1], StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _bench.RunAsync(["verify", .. at]));
    }

    private async Task<int> CheckAsync()
    {
        var config = _directory.Join("serve.jsonc");
        await File.WriteAllTextAsync(config, $$"""{ "repository": { "path": "{{Local}}" }, "sources": [{ "path": "/d/app.db" }], "remotes": [{ "name": "offsite", "path": "{{Remote}}" }] }""", Ct);
        return await _bench.RunAsync("repository", "check", "offsite", "--config", config);
    }

    /// <summary>The scene's repository, as a directory.</summary>
    private async Task WriteLocalAsync()
    {
        foreach (var name in _scene.Store.Names)
        {
            var path = Path.Join(Local, name);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, _scene.Store.Read(name), Ct);
        }
    }
}
