using System.Runtime.InteropServices;
using System.Text.Json;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>The image that <c>dotnet publish -t:PublishContainer</c> makes without Docker's builder, held against that of the Dockerfile.</summary>
public sealed class SdkImageTests
{
    private const string Image = "backup-sidecar:" + Images.Tag + "-sdk";

    private static readonly Lazy<Task> Made = new(() => MakeAsync(CancellationToken.None));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_configured_as_the_image_of_the_Dockerfile_is()
    {
        await RequireAsync();

        var (built, published) = (await ConfigAsync(Images.Sidecar), await ConfigAsync(Image));

        foreach (var property in (string[])["Entrypoint", "Cmd", "Env"])
        {
            Assert.Equal(Texts(built.GetProperty(property)), Texts(published.GetProperty(property)));
        }

        foreach (var label in (string[])["title", "description", "licenses", "version"])
        {
            Assert.Equal(Label(built, label), Label(published, label));
        }

        Assert.Equal("1654:1654", built.GetProperty("User").GetString());
        Assert.Equal("1654", published.GetProperty("User").GetString());
        Assert.NotEqual("", Label(published, "revision"));
        Assert.Equal(await FilesAsync(Images.Sidecar), await FilesAsync(Image));
    }

    [Fact]
    public async Task It_stands_on_the_base_of_the_Dockerfile()
    {
        await RequireAsync();

        var named = await Docker.ProgramAsync("dotnet", ["msbuild", "Sidecar", "-getProperty:ContainerBaseImage"], Ct);

        Assert.Contains($"ARG BASE_IMAGE={named.Trim()}", await File.ReadAllLinesAsync(Path.Join(Images.Repository, "Dockerfile"), Ct));
    }

    [Fact]
    public async Task It_follows_a_database_on_volumes_that_are_made_on_first_use()
    {
        await RequireAsync();
        await using var scene = await Scene.CreateAsync(Image);

        var sidecar = await scene.StartAsync(scene.Serve());
        var writer = await scene.StartAsync(scene.Writer());
        await Scene.UntilCommittedAsync(writer, 50);
        await writer.StopAsync(Ct);
        await Scene.EnsureDurableAsync(sidecar);

        (await Scene.ExecAsync(sidecar, "/app/backup-sidecar", "probe", "readiness")).ShouldEnd(0);
        Assert.Equal(await scene.CheckAsync(), await scene.RestoreAsync());
    }

    private static async Task RequireAsync()
    {
        await Engine.RequireAsync();
        await Made.Value;
    }

    /// <summary>Of the program that was published before, by the target that a publish ends with.</summary>
    private static async Task MakeAsync(CancellationToken ct)
    {
        await using var registry = await LocalRegistry.StartAsync(ct);
        var baseImage = await registry.PushAsync("backup-sidecar-test/base:1", ct);
        _ = await Docker.ProgramAsync(
            "dotnet",
            [
                "msbuild", "Sidecar", "-t:PublishContainer", "-v:quiet", "-p:Configuration=Release",
                $"-p:RuntimeIdentifier=linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
                $"-p:PublishDir={Path.GetDirectoryName(Images.Program)}/", $"-p:ContainerBaseImage={baseImage}", $"-p:ContainerImageTag={Image.Split(':')[1]}",
            ],
            ct);
    }

    private static async Task<JsonElement> ConfigAsync(string image)
    {
        using var inspected = JsonDocument.Parse(await Docker.RunAsync(["image", "inspect", image], Ct));
        return inspected.RootElement[0].GetProperty("Config").Clone();
    }

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(text => text.GetString());

    private static string? Label(JsonElement config, string name) => config.GetProperty("Labels").GetProperty("org.opencontainers.image." + name).GetString();

    /// <summary>The files of the program, and the directories that volumes are mounted on.</summary>
    private static Task<string> FilesAsync(string image)
    {
        const string List = """
            container=$(docker create "$0")
            docker export "$container" | tar -t | sed 's|^\./||' | grep -E '^(app/|data/$|backups/$|state/$|run/)' | sort
            docker rm "$container" >/dev/null
            """;
        return Docker.ProgramAsync("bash", ["-euo", "pipefail", "-c", List, image], Ct);
    }
}
