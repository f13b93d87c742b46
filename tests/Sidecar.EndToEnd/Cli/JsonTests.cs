using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>With --json standard output holds JSON lines and nothing else, whatever happens.</summary>
public sealed class JsonTests : IDisposable
{
    private readonly CommandScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Every_command_that_works_ends_with_a_summary()
    {
        var backup = CommandScene.ParseLines((await CommandScene.RunAsync([.. _scene.BackupArguments, "--json", "--label", "a", "--label", "b"])).ShouldExit(0))[^1];
        var id = (string)backup["backupId"]!;

        foreach (var arguments in (string[][])
        [
            ["list"], ["list", "--points"], ["verify"], ["verify", "--level", "drill"], ["verify", "--level", "structure"], ["inspect", id[..8]],
            ["restore", "--output", _scene.Restored, "--dry-run"], ["restore", "--output", _scene.Restored],
            ["restore", "--output", _scene.Restored, "--if-missing"], ["restore", "--output", _scene.Restored, "--overwrite", "--backup", id],
        ])
        {
            var result = (await CommandScene.RunAsync([.. arguments, "--repository", _scene.Repository, "--json"])).ShouldExit(0);

            var last = CommandScene.ParseLines(result)[^1];
            Assert.Equal("summary", (string?)last["type"]);
            Assert.Equal(arguments[0], (string?)last["command"]);
            Assert.Empty(result.Error);
        }
    }

    [Fact]
    public async Task Every_command_that_fails_ends_with_an_error_and_a_hint()
    {
        await _scene.BackUpAsync();
        foreach (var (exitCode, arguments) in ((int, string[])[])
        [
            (1, ["list", "--repository", _scene.Repository, "--unknown"]),
            (1, ["backup", "--database", "/nowhere/app.db", "--repository", _scene.Repository, "--state", _scene.State]),
            (10, ["verify", "--repository", _scene.Elsewhere("nowhere")]),
            (1, ["restore", "--repository", _scene.Repository, "--output", _scene.Database]),
            (1, ["restore", "--repository", _scene.Repository, "--output", _scene.Restored, "--label", "unknown"]),
            (1, ["inspect", "--repository", _scene.Repository, "ffffffff"]),
        ])
        {
            var result = (await CommandScene.RunAsync([.. arguments, "--json"])).ShouldExit(exitCode);

            var last = CommandScene.ParseLines(result)[^1];
            Assert.Equal("error", (string?)last["type"]);
            Assert.NotEmpty((string)last["message"]!);
            Assert.NotEmpty((string)last["hint"]!);
            Assert.Empty(result.Error);
        }
    }

    [Fact]
    public async Task Doubts_and_findings_are_in_the_lines()
    {
        await _scene.BackUpAsync();
        await _scene.BackUpAsync();
        File.Delete(_scene.Objects("packs")[^1]);

        var verify = CommandScene.ParseLines((await CommandScene.RunAsync("verify", "--repository", _scene.Repository, "--json")).ShouldExit(13))[^1];
        var backup = CommandScene.ParseLines((await CommandScene.RunAsync([.. _scene.BackupArguments, "--json"])).ShouldExit(3));

        Assert.False((bool)verify["proved"]!);
        Assert.NotEmpty(verify["findings"]!.AsArray());
        Assert.Equal("doubt", (string?)backup[^2]["type"]);
        Assert.Equal(1, (int?)backup[^1]["doubts"]);
    }
}
