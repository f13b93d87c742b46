using System.Text.Json.Nodes;
using BackupSidecar.EndToEnd.Cli;
using Xunit;

namespace BackupSidecar.EndToEnd.Remotes;

/// <summary>The commands that read, of a repository that the configuration names: in a directory, and in an emulated Google Drive, where there is no other way.</summary>
public sealed class NamedRepositoryTests : IAsyncDisposable
{
    private readonly PlacedRemoteScene _placed = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private RemoteScene Scene => _placed.Scene;

    public ValueTask DisposeAsync() => _placed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_listed_inspected_proved_and_restored_without_the_local_one(bool isDrive)
    {
        await _placed.AddAsync(isDrive);
        Scene.Execute("CREATE TABLE numbers (number INTEGER); INSERT INTO numbers VALUES (7)");
        await ServeOnceAsync();
        var local = (await SummaryOfAsync("local", "list"))["sources"]![0]!;
        Scene.LoseLocal();

        var listed = await SummaryOfAsync("offsite", "list");
        var source = listed["sources"]![0]!;
        Assert.StartsWith(isDrive ? "Google Drive folder " : Scene.Remote, (string?)listed["repository"], StringComparison.Ordinal);
        Assert.Equal((string?)local["backups"]![0]!["labels"]![0], (string?)source["backups"]![0]!["labels"]![0]);
        var lines = CommandScene.ParseLines((await CommandScene.RunAsync(["list", "--points", "--json", .. Named("offsite")])).ShouldExit(0));
        Assert.Contains((string?)source["backups"]![0]!["backupId"], lines.Where(line => (string?)line["type"] == "point").Select(line => (string?)line["backupId"]));

        var inspected = await SummaryOfAsync("offsite", "inspect", (string)source["backups"]![0]!["backupId"]!);
        Assert.Equal((string?)listed["repository"], (string?)inspected["repository"]);
        foreach (var level in (string[])["structure", "data", "drill"])
        {
            var verified = await SummaryOfAsync("offsite", "verify", "--level", level);
            Assert.Equal((0, true), ((int)verified["exitCode"]!, (bool)verified["proved"]!));
        }

        var restored = (await CommandScene.RunAsync(["restore", "--output", Scene.Restored, .. Named("offsite")])).ShouldExit(0);
        Assert.DoesNotContain("Not restored from", restored.Error, StringComparison.Ordinal);
        Assert.Equal([7L], RemoteScene.Numbers(Scene.Restored));
        (await CommandScene.RunAsync(["restore", "--output", Scene.Elsewhere("again.db"), .. Named("local")])).ShouldExit(10);

        (await CommandScene.RunAsync(["repository", "copy", "--to", Scene.Elsewhere("copy"), .. Named("offsite")])).ShouldExit(0);
        (await CommandScene.RunAsync("restore", "--label", "kept", "--repository", Scene.Elsewhere("copy"), "--output", Scene.Elsewhere("copied.db"))).ShouldExit(0);
        Assert.Equal([7L], RemoteScene.Numbers(Scene.Elsewhere("copied.db")));
    }

    [Fact]
    public async Task What_is_damaged_in_Drive_is_found()
    {
        await _placed.AddAsync(isDrive: true);
        await ServeOnceAsync();
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = _placed.DriveAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", "any token");
        var files = JsonNode.Parse(await http.GetStringAsync("drive/v3/files", Ct))!["files"]!.AsArray();
        var pack = (string)files.First(file => ((string)file!["name"]!).EndsWith(".pack", StringComparison.Ordinal))!["id"]!;
        (await http.PatchAsync($"upload/drive/v3/files/{pack}?uploadType=media", new StringContent("no pack any more"), Ct)).EnsureSuccessStatusCode();

        var verified = CommandScene.ParseLines(await CommandScene.RunAsync(["verify", "--json", .. Named("offsite")]))[^1];

        Assert.Equal((13, false), ((int)verified["exitCode"]!, (bool)verified["proved"]!));
    }

    [Fact]
    public async Task A_name_that_is_not_in_the_configuration_is_said_with_those_that_are()
    {
        await _placed.AddAsync(isDrive: false);

        var refused = await CommandScene.RunAsync(["list", .. Named("ofsite")]);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("The configuration has no repository 'ofsite'.", refused.Error, StringComparison.Ordinal);
        Assert.Contains("It has: local, offsite.", refused.Error, StringComparison.Ordinal);
    }

    private string[] Named(string name) => ["--config", Scene.Configuration, "--repository-name", name];

    private Task<JsonNode> SummaryOfAsync(string name, params string[] command) => RemoteScene.SummaryAsync([.. command, .. Named(name)]);

    /// <summary>A backup with a label is there when it has ended.</summary>
    private async Task ServeOnceAsync()
    {
        await using var serve = await Scene.ServeAsync();
        (await CommandScene.RunAsync("backup", "--sidecar", $"unix:{Scene.State}/operator/sidecar.sock", "--label", "kept")).ShouldExit(0);
        (await Scene.EnsureRemoteAsync()).ShouldExit(0);
        serve.Terminate();
        (await serve.WaitForExitAsync(Ct)).ShouldExit(0);
    }
}
