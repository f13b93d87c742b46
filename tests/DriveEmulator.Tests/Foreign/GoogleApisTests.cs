using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Foreign;

/// <summary>Google's own client for Node gets from the emulator what it gets from Drive, as far as it says what that is.</summary>
public sealed class GoogleApisTests : IAsyncDisposable
{
    private readonly EmulatorBench _bench = new();
    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return _bench.DisposeAsync();
    }

    [Fact]
    public async Task Googleapis_uploads_lists_reads_and_deletes()
    {
        var folder = Path.Combine(Solution.Root, "tests", "DriveEmulator.Tests", "googleapis");
        ForeignProgram.SkipUnless(ForeignProgram.IsInstalled("node"), "Node is not installed.");
        ForeignProgram.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules", "googleapis")), $"googleapis is not installed: run npm ci in {folder}.");
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(_file, content, Ct);
        await _bench.StartAsync(options => options with { AnyToken = false, Time = TimeProvider.System });
        var tokens = _bench.Host.IssueTokens(clientId: "node");

        var output = await ForeignProgram.RunAsync(
            "node", ["client.mjs", _bench.Host.BaseAddress.GetLeftPart(UriPartial.Authority), tokens.RefreshToken!, "node", _file], new Dictionary<string, string>(), folder, Ct);
        var seen = JsonNode.Parse(output)!;

        var md5 = Checksum.Md5(content);
        Assert.Equal("user@example.com", (string)seen["about"]!["user"]!["emailAddress"]!);
        Assert.Equal(("3000000", md5, "pack"), ((string)seen["multipart"]!["size"]!, (string)seen["multipart"]!["md5Checksum"]!, (string)seen["multipart"]!["appProperties"]!["kind"]!));
        Assert.Equal("""{"code":409,"reason":"fileIdInUse"}""", seen["repeated"]!.ToJsonString());
        Assert.Equal(("3000000", md5), ((string)seen["resumable"]!["size"]!, (string)seen["resumable"]!["md5Checksum"]!));
        Assert.Equal("""["bytes=0-524287","bytes=0-1048575","bytes=0-1572863","bytes=0-2097151","bytes=0-2621439"]""", seen["ranges"]!.ToJsonString());
        Assert.Equal(["it's a pack.bsp", "resumable.bsp", "small-0", "small-1", "small-2", "small-3", "small-4"], seen["listed"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(3, (int)seen["pages"]!);
        Assert.Equal((string)seen["multipart"]!["id"]!, (string)seen["found"]!.AsArray().Single()!);
        Assert.Equal(md5, (string)seen["whole"]!);
        Assert.Equal((206, Checksum.Md5(content[1000..2000])), ((int)seen["part"]!["status"]!, (string)seen["part"]!["md5"]!));
        Assert.Equal(416, (int)seen["beyond"]!);
        Assert.Equal(("renamed", "5"), ((string)seen["replaced"]!["name"]!, (string)seen["replaced"]!["size"]!));
        Assert.Equal((true, 204), ((bool)seen["trashed"]!["trashed"]!, (int)seen["deleted"]!));
        Assert.Equal("""{"code":404,"reason":"notFound"}""", seen["gone"]!.ToJsonString());
        Assert.Equal("""["in the drive"]""", seen["shared"]!.ToJsonString());
        Assert.Equal(400, (int)seen["revoked"]!);
        Assert.Equal("oauth.token", _bench.Host.Requests.Entries()[0].Kind);
    }
}
