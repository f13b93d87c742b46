using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Foreign;

/// <summary>rclone, which knows Drive from years of use, works on the emulator as on Drive. It has no option for the address, so a proxy plays Google.</summary>
public sealed class RcloneTests : IAsyncDisposable
{
    private const int Block = 256 << 10;

    private readonly EmulatorBench _bench = new();
    private readonly TestAuthority _authority = TestAuthority.Create("www.googleapis.com", "oauth2.googleapis.com", "accounts.google.com");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rclone-");
    private ConnectProxy? _proxy;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        _authority.Dispose();
        _folder.Delete(recursive: true);
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Rclone_copies_up_lists_reads_a_part_checks_and_deletes()
    {
        await StartAsync();
        var large = RandomNumberGenerator.GetBytes((5 * Block) + 12_345);
        var source = _folder.CreateSubdirectory("source");
        await File.WriteAllBytesAsync(Path.Combine(source.FullName, "large.bsp"), large, Ct);
        await File.WriteAllTextAsync(Path.Combine(source.FullName, "it's small.txt"), "small", Ct);
        await File.WriteAllBytesAsync(Path.Combine(source.CreateSubdirectory("deep").FullName, "empty"), [], Ct);

        await RcloneAsync("copy", source.FullName, "emulator:backup", "--drive-chunk-size", "256k", "--drive-upload-cutoff", "256k");
        var listed = JsonNode.Parse(await RcloneAsync("lsjson", "-R", "--files-only", "--hash", "emulator:backup"))!.AsArray();
        var part = await RcloneAsync("cat", "--offset", "1", "--count", "3", "emulator:backup/it's small.txt");
        await RcloneAsync("check", source.FullName, "emulator:backup", "--checksum");

        Assert.Equal(["deep/empty", "it's small.txt", "large.bsp"], listed.Select(entry => (string)entry!["Path"]!).Order(StringComparer.Ordinal));
        var found = listed.Single(entry => (string)entry!["Path"]! == "large.bsp")!;
        Assert.Equal((large.Length, Checksum.Md5(large)), ((int)found["Size"]!, (string)found["Hashes"]!["md5"]!));
        Assert.Equal("mal", part);
        Assert.Equal(6, _bench.Host.Requests.Counters().ByKind["upload.chunk"]);
        Assert.Contains("www.googleapis.com:443", _proxy!.Hosts);
        Assert.Contains("oauth2.googleapis.com:443", _proxy.Hosts);

        await RcloneAsync("deletefile", "emulator:backup/large.bsp");
        Assert.DoesNotContain("large.bsp", await RcloneAsync("lsf", "-R", "emulator:backup"), StringComparison.Ordinal);
        Assert.Contains("large.bsp", await RcloneAsync("lsf", "-R", "--drive-trashed-only", "emulator:backup"), StringComparison.Ordinal);
        await RcloneAsync("cleanup", "emulator:");
        await RcloneAsync("purge", "--drive-use-trash=false", "emulator:backup");
        Assert.Equal("", await RcloneAsync("lsf", "-R", "emulator:"));
        Assert.Equal(0, (long)JsonNode.Parse(await RcloneAsync("about", "--json", "emulator:"))!["used"]!);
        Assert.Empty(Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")));
    }

    [Fact]
    public async Task Rclone_gets_through_rate_limits_and_broken_pieces()
    {
        await StartAsync();
        var content = RandomNumberGenerator.GetBytes((8 * Block) + 1);
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllBytesAsync(file, content, Ct);
        _bench.Host.Faults.Set(
            [
                new() { Calls = ["files.*", "upload.start"], Every = 3, Count = 3, Fault = new() { Kind = DriveEmulator.Faults.FaultKind.Status, Status = 403, Reason = "userRateLimitExceeded" } },
                new() { Calls = ["upload.chunk"], Every = 3, Count = 2, Fault = new() { Kind = DriveEmulator.Faults.FaultKind.Status, Status = 503 } },
            ],
            seed: 1);

        await RcloneAsync("copyto", file, "emulator:file", "--drive-chunk-size", "256k", "--drive-upload-cutoff", "256k");
        var hash = await RcloneAsync("md5sum", "emulator:file");

        Assert.StartsWith(Checksum.Md5(content), hash, StringComparison.Ordinal);
        Assert.True(_bench.Host.Requests.Counters().Faults >= 3, "The script struck too seldom to prove anything.");
    }

    [Fact]
    public async Task Rclone_works_with_files_of_its_own_only()
    {
        await StartAsync(scope: "drive.file");
        using var other = new DriveClient(_bench.Host.BaseAddress, _bench.Host.IssueTokens(clientId: "other").AccessToken);
        await other.UploadAsync(new JsonObject { ["name"] = "foreign" }, [1]);
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "own", Ct);

        await RcloneAsync("copyto", file, "emulator:folder/file");

        Assert.Equal("folder/\nfolder/file\n", await RcloneAsync("lsf", "-R", "emulator:"));
        Assert.Equal("own", await RcloneAsync("cat", "emulator:folder/file"));
    }

    [Fact]
    public async Task Rclone_works_on_a_shared_drive()
    {
        await StartAsync();
        using var client = new DriveClient(_bench.Host.BaseAddress, _bench.Host.IssueTokens(clientId: "rclone").AccessToken);
        var drive = (string)(await client.SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "shared" })).Json["id"]!;
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "in the drive", Ct);

        await RcloneAsync("copyto", file, "emulator:folder/file", "--drive-team-drive", drive);

        Assert.Equal("folder/\nfolder/file\n", await RcloneAsync("lsf", "-R", "emulator:", "--drive-team-drive", drive));
        Assert.Equal("in the drive", await RcloneAsync("cat", "emulator:folder/file", "--drive-team-drive", drive));
        Assert.Equal("", await RcloneAsync("lsf", "-R", "emulator:"));
    }

    [Fact]
    public async Task Rclone_works_as_a_service_account_on_a_shared_drive_and_is_refused_elsewhere()
    {
        await StartAsync();
        var keyFile = _bench.Host.AddServiceAccount("robot@example.com");
        using var client = new DriveClient(_bench.Host.BaseAddress, _bench.Host.IssueTokens().AccessToken);
        var drive = (string)(await client.SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "shared" })).Json["id"]!;
        await client.SendJsonAsync("POST", "emulator/members", new JsonObject { ["fileId"] = drive, ["account"] = "robot@example.com", ["role"] = "fileOrganizer" });
        var (key, file) = (Path.Combine(_folder.FullName, "key.json"), Path.Combine(_folder.FullName, "file"));
        await File.WriteAllTextAsync(key, keyFile, Ct);
        await File.WriteAllTextAsync(file, "of a robot", Ct);
        await File.WriteAllTextAsync(ConfigurationPath, $"[emulator]\ntype = drive\nscope = drive\nservice_account_file = {key}\n", Ct);

        await RcloneAsync("copyto", file, "emulator:folder/file", "--drive-team-drive", drive);
        var content = await RcloneAsync("cat", "emulator:folder/file", "--drive-team-drive", drive);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => RcloneAsync("copyto", file, "emulator:file", "--low-level-retries", "1"));

        Assert.Equal("of a robot", content);
        Assert.Contains("storageQuotaExceeded", refused.Message, StringComparison.Ordinal);
    }

    private async Task StartAsync(string scope = "drive")
    {
        ForeignProgram.SkipUnless(ForeignProgram.IsInstalled("rclone"), "rclone is not installed.");
        await _bench.StartAsync(options => options with { AnyToken = false, Time = TimeProvider.System });
        _proxy = new ConnectProxy(_authority, _bench.Host.BaseAddress);
        await File.WriteAllTextAsync(AuthorityPath, _authority.AuthorityPem, Ct);

        // Expired, so that the first thing is a refresh.
        var tokens = _bench.Host.IssueTokens(clientId: "rclone", scope: "https://www.googleapis.com/auth/" + scope);
        var token = new JsonObject { ["access_token"] = "expired", ["token_type"] = "Bearer", ["refresh_token"] = tokens.RefreshToken, ["expiry"] = "2020-01-01T00:00:00Z" };
        await File.WriteAllTextAsync(
            ConfigurationPath, $"[emulator]\ntype = drive\nscope = {scope}\nclient_id = rclone\nclient_secret = secret\ntoken = {token.ToJsonString()}\n", Ct);
    }

    private string AuthorityPath => Path.Combine(_folder.FullName, "authority.pem");

    private string ConfigurationPath => Path.Combine(_folder.FullName, "rclone.conf");

    private Task<string> RcloneAsync(params IReadOnlyList<string> arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["HTTPS_PROXY"] = _proxy!.Address.ToString(),
            ["https_proxy"] = _proxy.Address.ToString(),
            ["NO_PROXY"] = "",
            ["no_proxy"] = "",
            ["SSL_CERT_FILE"] = AuthorityPath,
            ["RCLONE_CONFIG"] = ConfigurationPath,
            ["RCLONE_CACHE_DIR"] = _folder.FullName,
        };
        return ForeignProgram.RunAsync("rclone", [.. arguments, "--retries", "1", "--drive-pacer-min-sleep", "10ms", "--contimeout", "10s", "--timeout", "30s"], environment, _folder.FullName, Ct);
    }
}
