using System.IO.Compression;
using System.Text.Json;
using Xunit;

namespace BackupSidecar.Containers;

/// <summary>The image itself.</summary>
public sealed class ImageTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_small_says_what_it_is_and_runs_as_nobody_in_particular()
    {
        await Engine.RequireAsync();

        using var inspected = JsonDocument.Parse(await Docker.RunAsync(["image", "inspect", Images.Sidecar], Ct));
        var config = inspected.RootElement[0].GetProperty("Config");

        Assert.Equal("1654:1654", config.GetProperty("User").GetString());
        Assert.Equal(["/app/backup-sidecar"], config.GetProperty("Entrypoint").EnumerateArray().Select(part => part.GetString()));
        Assert.Contains("probe", config.GetProperty("Healthcheck").GetProperty("Test").EnumerateArray().Select(part => part.GetString()));
        Assert.Equal("Apache-2.0", config.GetProperty("Labels").GetProperty("org.opencontainers.image.licenses").GetString());
        var bytes = await CompressedBytesAsync();
        output.WriteLine($"{bytes / 1e6:0.0} MB compressed");
        Assert.InRange(bytes, 1, 45_000_000);
    }

    [Fact]
    public async Task Volumes_that_are_made_on_first_use_belong_to_its_user()
    {
        await using var scene = await Scene.CreateAsync();

        var listed = await scene.RunAsync(Scene.Of(Images.Tools).WithCommand("ls", "-ldn", "/data", "/backups", "/state")
            .WithVolumeMount(scene.VolumeOf("/data"), "/data").WithVolumeMount(scene.VolumeOf("/backups"), "/backups").WithVolumeMount(scene.VolumeOf("/state"), "/state"));

        Assert.Equal(3, listed.ShouldEnd(0).Output.Split('\n').Count(line => line.StartsWith("drwxrws---", StringComparison.Ordinal) && line.Contains("1654     1654", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_has_no_shell()
    {
        await Engine.RequireAsync();

        foreach (var shell in (string[])["/bin/sh", "/bin/bash", "/usr/bin/sh"])
        {
            _ = await Assert.ThrowsAnyAsync<Exception>(() => Docker.RunAsync(["run", "--rm", "--entrypoint", shell, Images.Sidecar, "-c", "true"], Ct));
        }
    }

    private static async Task<long> CompressedBytesAsync()
    {
        var file = Path.Join(Path.GetTempPath(), $"{Guid.NewGuid():N}.tar");
        try
        {
            _ = await Docker.RunAsync(["save", "--output", file, Images.Sidecar], Ct);
            await using var counted = new MemoryStream();
            await using (var stored = File.OpenRead(file))
            await using (var gzip = new GZipStream(counted, CompressionLevel.Optimal, leaveOpen: true))
            {
                await stored.CopyToAsync(gzip, Ct);
            }

            return counted.Length;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
