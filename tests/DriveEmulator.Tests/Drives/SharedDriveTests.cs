using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Drives;

/// <summary>Shared drives and who may do what in them.</summary>
public sealed class SharedDriveTests : IAsyncLifetime
{
    private const string All = "supportsAllDrives=true";

    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_drive_is_created_once_for_a_request_listed_and_deleted_when_it_is_empty()
    {
        var id = await CreateDriveAsync("r1");
        var repeated = await Client.SendJsonAsync("POST", "drive/v3/drives?requestId=r1", new JsonObject { ["name"] = "again" });
        var listed = (await Client.GetAsync("drive/v3/drives?fields=drives(id,name)")).Json;
        var file = (string)(await Client.UploadAsync(In(id), [1], $"&{All}"))["id"]!;
        var notEmpty = await Client.SendAsync("DELETE", $"drive/v3/drives/{id}");
        await Client.SendAsync("DELETE", $"drive/v3/files/{file}?{All}");

        Assert.Equal(HttpStatusCode.Conflict, repeated.Status);
        Assert.Equal($$"""{"drives":[{"id":"{{id}}","name":"shared"}]}""", listed.ToJsonString());
        Assert.Equal(HttpStatusCode.Forbidden, notEmpty.Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync("DELETE", $"drive/v3/drives/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync($"drive/v3/drives/{id}")).Status);
    }

    [Fact]
    public async Task Drives_come_in_pages()
    {
        for (var number = 0; number < 3; number++)
        {
            await CreateDriveAsync($"r{number}");
        }

        var first = (await Client.GetAsync("drive/v3/drives?pageSize=2")).Json;
        var second = (await Client.GetAsync($"drive/v3/drives?pageSize=2&pageToken={first["nextPageToken"]}")).Json;

        Assert.Equal((2, 1, false), (first["drives"]!.AsArray().Count, second["drives"]!.AsArray().Count, second.ContainsKey("nextPageToken")));
    }

    [Fact]
    public async Task Files_of_a_drive_are_not_found_by_who_does_not_support_drives()
    {
        var drive = await CreateDriveAsync("r1");
        var refused = await Client.UploadRawAsync(In(drive), [1]);
        var id = (string)(await Client.UploadAsync(In(drive), [1], $"&{All}"))["id"]!;

        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync($"drive/v3/files/{id}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Client.GetAsync($"drive/v3/files/{id}?{All}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["name"] = "y" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Client.SendAsync("DELETE", $"drive/v3/files/{id}")).Status);
    }

    /// <summary>rclone reads shared drives, and never says on a download that it supports them.</summary>
    [Fact]
    public async Task A_download_need_not_say_that_it_supports_drives()
    {
        var id = (string)(await Client.UploadAsync(In(await CreateDriveAsync("r1")), [7], $"&{All}"))["id"]!;

        Assert.Equal([7], (await Client.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
    }

    [Fact]
    public async Task Lists_show_the_files_of_a_drive_only_to_who_asks_for_them()
    {
        var drive = await CreateDriveAsync("r1");
        await Client.UploadAsync(In(drive), [1], $"&{All}");
        await Client.UploadAsync(new JsonObject { ["name"] = "mine" }, [1]);

        Assert.Equal(["mine"], await Client.NamesAsync("trashed = false"));
        Assert.Equal(["mine"], await Client.NamesAsync("trashed = false", $"&{All}"));
        Assert.Equal(["mine", "x"], await Client.NamesAsync("trashed = false", $"&includeItemsFromAllDrives=true&{All}"));
        Assert.Equal(["mine", "x"], await Client.NamesAsync("trashed = false", $"&corpora=allDrives&includeItemsFromAllDrives=true&{All}"));
        Assert.Equal(["x"], await Client.NamesAsync("trashed = false", $"&corpora=drive&driveId={drive}&includeItemsFromAllDrives=true&{All}"));
        Assert.Equal(["x"], await Client.NamesAsync($"'{drive}' in parents", $"&corpora=drive&driveId={drive}&includeItemsFromAllDrives=true&{All}"));
        Assert.Empty(await Client.NamesAsync($"'{drive}' in parents", $"&{All}"));
        Assert.Equal(HttpStatusCode.NotFound, (await Client.ListAsync("trashed = false", $"&corpora=drive&driveId=none&includeItemsFromAllDrives=true&{All}")).Status);
    }

    [Theory]
    [InlineData("corpora=allDrives", 403)]
    [InlineData("corpora=drive", 403)]
    [InlineData("corpora=drive&driveId=0", 403)]
    [InlineData("includeItemsFromAllDrives=true", 403)]
    [InlineData("corpora=drive&includeItemsFromAllDrives=true&supportsAllDrives=true", 400)]
    [InlineData("driveId=0&includeItemsFromAllDrives=true&supportsAllDrives=true", 400)]
    [InlineData("corpora=allDrives&driveId=0&includeItemsFromAllDrives=true&supportsAllDrives=true", 400)]
    public async Task A_list_of_drives_needs_all_that_belongs_to_it(string query, int status) =>
        Assert.Equal(status, (int)(await Client.GetAsync($"drive/v3/files?{query}")).Status);

    [Fact]
    public async Task Files_of_a_drive_have_no_owner_and_take_nothing_of_the_accounts_quota()
    {
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { QuotaBytes = 10 });

        var file = await Client.UploadAsync(In(await CreateDriveAsync("r1")), new byte[100], $"&{All}");

        Assert.False(file.ContainsKey("owners"));
        Assert.Equal("0", (string)(await Client.GetAsync("drive/v3/about?fields=storageQuota")).Json["storageQuota"]!["usage"]!);
    }

    [Theory]
    [InlineData("reader", 403, 403, 403)]
    [InlineData("writer", 200, 403, 403)]
    [InlineData("fileOrganizer", 200, 200, 403)]
    [InlineData("organizer", 200, 200, 204)]
    public async Task A_role_says_who_may_create_trash_and_delete(string role, int create, int trash, int delete)
    {
        var drive = await CreateDriveAsync("r1");
        var file = (string)(await Client.UploadAsync(In(drive), [1], $"&{All}"))["id"]!;
        await Client.SendJsonAsync("POST", "emulator/members", new JsonObject { ["fileId"] = drive, ["account"] = "robot@example.com", ["role"] = role });
        var robot = _bench.ClientWith(_bench.Host.IssueTokens(account: "robot@example.com").AccessToken);

        Assert.Equal([1], (await robot.GetAsync($"drive/v3/files/{file}?alt=media")).Body);
        Assert.Equal(create, (int)(await robot.UploadRawAsync(In(drive), [1], $"&{All}")).Status);
        Assert.Equal(trash, (int)(await robot.SendJsonAsync("PATCH", $"drive/v3/files/{file}?{All}", new JsonObject { ["trashed"] = true })).Status);
        Assert.Equal(delete, (int)(await robot.SendAsync("DELETE", $"drive/v3/files/{file}?{All}")).Status);
    }

    [Fact]
    public async Task A_member_who_leaves_finds_nothing_any_more()
    {
        var drive = await CreateDriveAsync("r1");
        var shared = await Client.SendJsonAsync("POST", $"drive/v3/files/{drive}/permissions?{All}", new JsonObject { ["type"] = "user", ["role"] = "writer", ["emailAddress"] = "robot@example.com" });
        var robot = _bench.ClientWith(_bench.Host.IssueTokens(account: "robot@example.com").AccessToken);
        Assert.Equal(HttpStatusCode.OK, shared.Status);
        Assert.Equal(HttpStatusCode.OK, (await robot.GetAsync($"drive/v3/drives/{drive}")).Status);

        await Client.SendJsonAsync("POST", "emulator/members", new JsonObject { ["fileId"] = drive, ["account"] = "robot@example.com" });

        Assert.Equal(HttpStatusCode.NotFound, (await robot.GetAsync($"drive/v3/drives/{drive}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await robot.UploadRawAsync(In(drive), [1], $"&{All}")).Status);
    }

    private static JsonObject In(string drive) => new() { ["name"] = "x", ["parents"] = new JsonArray(drive) };

    private async Task<string> CreateDriveAsync(string request)
    {
        var answer = await Client.SendJsonAsync("POST", $"drive/v3/drives?requestId={request}", new JsonObject { ["name"] = "shared" });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return (string)answer.Json["id"]!;
    }
}
