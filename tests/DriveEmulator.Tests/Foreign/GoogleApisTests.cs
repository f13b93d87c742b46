using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Foreign;

/// <summary>Google's own client for Node gets from the emulator what it gets from Drive, as far as it says what that is.</summary>
public sealed class GoogleApisTests : IAsyncDisposable
{
    private readonly EmulatorBench _bench = new();
    private readonly string _file = Path.GetTempFileName();

    private static string Folder { get; } = Path.Combine(Solution.Root, "tests", "DriveEmulator.Tests", "googleapis");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        File.Delete(_file);
        return _bench.DisposeAsync();
    }

    [Fact]
    public async Task Googleapis_uploads_lists_reads_and_deletes()
    {
        ForeignProgram.SkipUnless(ForeignProgram.IsInstalled("node"), "Node is not installed.");
        SkipUnlessInstalled();
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(_file, content, Ct);
        await _bench.StartAsync(options => options with { AnyToken = false, Time = TimeProvider.System });
        var tokens = _bench.Host.IssueTokens(clientId: "node");

        var output = await ForeignProgram.RunAsync(
            "node", ["client.mjs", _bench.Host.BaseAddress.GetLeftPart(UriPartial.Authority), tokens.RefreshToken!, "node", _file], new Dictionary<string, string>(), Folder, Ct);
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

    /// <summary>The client is made from Google's own description of the API, and so are its types.</summary>
    [Fact]
    public async Task Every_member_of_an_answer_is_one_that_google_describes()
    {
        SkipUnlessInstalled();
        await _bench.StartAsync(options => options with { Sha256 = true });
        var described = await DescribedAsync();
        var file = await _bench.Client.UploadAsync(
            new JsonObject
            {
                ["name"] = "x.bsp",
                ["description"] = "d",
                ["appProperties"] = new JsonObject { ["k"] = "v" },
                ["properties"] = new JsonObject { ["k"] = "v" },
            },
            [1]);
        var about = (await _bench.Client.GetAsync("drive/v3/about?fields=*")).Json;
        var list = (await _bench.Client.GetAsync("drive/v3/files?fields=*&pageSize=1")).Json;
        var drive = (await _bench.Client.SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "d" })).Json;
        var ids = (await _bench.Client.GetAsync("drive/v3/files/generateIds")).Json;

        Assert.Equal(described["File"].Order(), DriveEmulator.Files.FileResource.Known.Intersect(described["File"]).Order());
        Assert.Subset(described["File"], Members(file));
        Assert.Subset(described["About"], Members(about));
        Assert.Subset(described["FileList"], Members(list));
        Assert.Subset(described["Drive"], Members(drive));
        Assert.Subset(described["GeneratedIds"], Members(ids));
        Assert.Subset(described["User"], Members(about["user"]!.AsObject()));
    }

    private static void SkipUnlessInstalled() =>
        ForeignProgram.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", "googleapis")), $"googleapis is not installed: run npm ci in {Folder}.");

    private static HashSet<string> Members(JsonObject json) => json.Select(member => member.Key).ToHashSet();

    /// <summary>The names of members by the name of their type, from the client's declarations.</summary>
    private static async Task<Dictionary<string, HashSet<string>>> DescribedAsync()
    {
        var types = new Dictionary<string, HashSet<string>>();
        HashSet<string>? current = null;
        var depth = 0;
        await foreach (var line in File.ReadLinesAsync(Path.Combine(Folder, "node_modules", "googleapis", "build", "src", "apis", "drive", "v3.d.ts"), Ct))
        {
            var text = line.Trim();
            if (text.StartsWith("interface Schema$", StringComparison.Ordinal) || text.StartsWith("export interface Schema$", StringComparison.Ordinal))
            {
                types[text.Split("Schema$")[1].Split(' ')[0]] = current = [];
                depth = 0;
            }
            else if (current is not null)
            {
                if (depth == 0 && text.Split("?:") is [var name, _, ..] && !text.StartsWith('*'))
                {
                    current.Add(name);
                }

                depth += text.StartsWith('*') ? 0 : text.Count(letter => letter == '{') - text.Count(letter => letter == '}');
                current = depth < 0 ? null : current;
            }
        }

        return types;
    }
}
