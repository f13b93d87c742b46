using BackupSidecar.Cli;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Cli;

/// <summary>Nothing is written among backups but by what makes them; and a plan says where there is no room.</summary>
public sealed class RepositoryGroundTests : IDisposable
{
    private readonly CompactionScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly CommandLineBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Local => _directory.Join("local");

    public void Dispose()
    {
        _scene.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("local/x.db", "local")]
    [InlineData("link/x.db", "local")]
    [InlineData("local/packs/missing/x.db", "local")]
    [InlineData("other/x.db", "other")]
    public async Task A_restore_into_a_repository_is_refused_before_anything_is_written(string output, string repository)
    {
        await WriteRepositoryAsync(Local);
        await WriteRepositoryAsync(_directory.Join("other"));
        _ = Directory.CreateSymbolicLink(_directory.Join("link"), Local);
        var files = Directory.GetFileSystemEntries(_directory.FullPath, "*", SearchOption.AllDirectories);

        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("restore", "--repository", Local, "--output", _directory.Join(output)));
        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("restore", "--repository", Local, "--output", _directory.Join(output), "--dry-run"));

        Assert.Contains(_bench.ErrorLines, line => line.Contains($"lies in {_directory.Join(repository)}, ", StringComparison.Ordinal));
        Assert.Equal(files, Directory.GetFileSystemEntries(_directory.FullPath, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_pack_is_never_restored_over()
    {
        await WriteRepositoryAsync(Local);
        var pack = Directory.GetFiles(Path.Join(Local, "packs"), "*.pack", SearchOption.AllDirectories)[0];
        var bytes = await File.ReadAllBytesAsync(pack, Ct);
        var link = _directory.Join("link.db");
        _ = File.CreateSymbolicLink(link, pack);

        foreach (var output in (string[])[pack, link])
        {
            Assert.Equal(ExitCode.Failed, await _bench.RunAsync("restore", "--repository", Local, "--output", output, "--overwrite", "--app-is-stopped", "--no-sqlite-checks"));
            Assert.Equal(bytes, await File.ReadAllBytesAsync(pack, Ct));
        }
    }

    [Theory]
    [InlineData("away/x.db")]
    [InlineData("state/x.db")]
    public async Task What_the_configuration_names_is_refused_also_where_nothing_is_stored_yet(string output)
    {
        await WriteRepositoryAsync(Local);
        var config = _directory.Join("serve.jsonc");
        await File.WriteAllTextAsync(
            config,
            $$"""{ "repository": { "path": "{{Local}}" }, "state": { "path": "{{_directory.Join("state")}}" }, "sources": [{ "path": "/d/app.db" }], "remotes": [{ "name": "offsite", "path": "{{_directory.Join("away")}}" }] }""",
            Ct);

        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("restore", "--config", config, "--output", _directory.Join(output)));

        Assert.Contains(_bench.ErrorLines, line => line.Contains($"{_directory.Join(output)} lies in ", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.GetDirectoryName(_directory.Join(output))));
    }

    [Fact]
    public async Task No_repository_is_made_within_another()
    {
        await WriteRepositoryAsync(Local);
        var inside = Path.Join(Local, "packs", "second");

        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("repository", "add", "--path", inside));
        Assert.Equal(ExitCode.Failed, await _bench.RunAsync("repository", "copy", "--from", Local, "--to", inside));

        Assert.Equal(2, _bench.ErrorLines.Count(line => line.Contains($"{inside} lies in {Local}, which is a repository.", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(inside));
        Assert.Equal(ExitCode.Ok, await _bench.RunAsync("repository", "add", "--path", Local));
    }

    [Fact]
    public async Task A_file_of_an_app_with_the_name_of_ours_is_no_repository()
    {
        await WriteRepositoryAsync(Local);
        await File.WriteAllTextAsync(_directory.Join("repository.json"), "{}", Ct);

        Assert.Equal(ExitCode.Ok, await _bench.RunAsync("restore", "--repository", Local, "--output", _directory.Join("x.db"), "--no-sqlite-checks"));
    }

    [Fact]
    public async Task A_plan_warns_where_the_target_has_too_little_room()
    {
        await WriteRepositoryAsync(Local);
        using var mount = SizeLimitedMount.TryCreate(_directory.Join("small"), 4096);
        if (mount is null)
        {
            Assert.Skip("This process may not mount.");
        }

        Assert.Equal(ExitCode.Ok, await _bench.RunAsync("restore", "--repository", Local, "--output", Path.Join(mount.Directory, "x.db"), "--dry-run"));

        Assert.Contains(_bench.ErrorLines, line => line.Contains($"THE RESTORE WOULD FAIL: {mount.Directory} has ", StringComparison.Ordinal) && line.Contains("(10240 bytes)", StringComparison.Ordinal));
    }

    private async Task WriteRepositoryAsync(string directory)
    {
        if (_scene.History.Count == 0)
        {
            await _scene.CaptureAtAsync(0, 1);
        }

        foreach (var name in _scene.Store.Names)
        {
            var path = Path.Join(directory, name);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, _scene.Store.Read(name), Ct);
        }
    }
}
