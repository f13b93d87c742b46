using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Files;

/// <summary>What an app sees of files, by its scope and by whose they are.</summary>
public sealed class VisibilityTests : IAsyncLifetime
{
    private const string Scopes = "https://www.googleapis.com/auth/";

    private readonly EmulatorBench _bench = new();

    public async ValueTask InitializeAsync() => await _bench.StartAsync(options => options with { AnyToken = false });

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task With_drive_file_an_app_sees_what_it_has_created_and_nothing_else()
    {
        var (mine, other) = (App("mine", "drive.file"), App("other", "drive.file"));
        var own = (string)(await mine.UploadAsync(new JsonObject { ["name"] = "own" }, [1]))["id"]!;
        var foreign = (string)(await other.UploadAsync(new JsonObject { ["name"] = "foreign" }, [2]))["id"]!;

        Assert.Equal(["own"], await mine.NamesAsync("trashed = false"));
        Assert.Equal(["foreign", "own"], await App("third", "drive").NamesAsync("trashed = false"));
        Assert.Equal(HttpStatusCode.OK, (await mine.GetAsync($"drive/v3/files/{own}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync($"drive/v3/files/{foreign}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync($"drive/v3/files/{foreign}?alt=media")).Status);
        var update = await mine.SendJsonAsync("PATCH", $"drive/v3/files/{foreign}", new JsonObject { ["name"] = "x" });
        Assert.Equal((HttpStatusCode.Forbidden, "appNotAuthorizedToFile"), (update.Status, update.Reason));
        Assert.Equal(HttpStatusCode.Forbidden, (await mine.SendAsync("DELETE", $"drive/v3/files/{foreign}")).Status);
    }

    [Fact]
    public async Task With_drive_file_a_root_is_no_file_to_read_but_a_folder_to_put_files_into()
    {
        var (all, mine) = (App("all", "drive"), App("mine", "drive.file"));
        var root = (string)(await all.GetAsync("drive/v3/files/root")).Json["id"]!;
        var drive = (string)(await all.SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "d" })).Json["id"]!;
        var folder = await all.CreateFolderAsync("of another app");

        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync("drive/v3/files/root")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync($"drive/v3/files/{root}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await mine.GetAsync($"drive/v3/files/{drive}?supportsAllDrives=true")).Status);
        await mine.UploadAsync(new JsonObject { ["name"] = "a", ["parents"] = new JsonArray("root") }, [1]);
        await mine.UploadAsync(new JsonObject { ["name"] = "b", ["parents"] = new JsonArray(root) }, [1]);
        await mine.UploadAsync(new JsonObject { ["name"] = "c", ["parents"] = new JsonArray(drive) }, [1], "&supportsAllDrives=true");
        Assert.Equal(["a", "b"], await mine.NamesAsync("'root' in parents"));
        Assert.Equal(["c"], await mine.NamesAsync("trashed = false", $"&corpora=drive&driveId={drive}&includeItemsFromAllDrives=true&supportsAllDrives=true"));
        Assert.Equal(HttpStatusCode.NotFound, (await mine.UploadRawAsync(new JsonObject { ["name"] = "d", ["parents"] = new JsonArray(folder) }, [1])).Status);
    }

    [Theory]
    [InlineData("drive.file", 403, 403, 403)]
    [InlineData("drive.readonly", 200, 403, 403)]
    [InlineData("drive", 200, 200, 204)]
    public async Task Shared_drives_as_such_and_the_trash_as_a_whole_need_more_than_drive_file(string scope, int get, int create, int empty)
    {
        var drive = (string)(await App("all", "drive").SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "d" })).Json["id"]!;
        var app = App("app", scope);

        Assert.Equal(get, (int)(await app.GetAsync($"drive/v3/drives/{drive}")).Status);
        Assert.Equal(get, (int)(await app.GetAsync("drive/v3/drives")).Status);
        Assert.Equal(create, (int)(await app.SendJsonAsync("POST", "drive/v3/drives?requestId=2", new JsonObject { ["name"] = "d" })).Status);
        Assert.Equal(empty, (int)(await app.SendAsync("DELETE", "drive/v3/files/trash")).Status);
        Assert.Equal(create == 200 ? 204 : 403, (int)(await app.SendAsync("DELETE", $"drive/v3/drives/{drive}")).Status);
    }

    [Fact]
    public async Task An_id_of_a_file_that_the_app_does_not_see_is_taken_all_the_same()
    {
        var id = (string)(await App("other", "drive.file").UploadAsync(new JsonObject { ["name"] = "foreign" }, [2]))["id"]!;

        var answer = await App("mine", "drive.file").UploadRawAsync(new JsonObject { ["name"] = "x", ["id"] = id }, [1]);

        Assert.Equal((HttpStatusCode.Conflict, "fileIdInUse"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Properties_of_an_app_are_its_own()
    {
        var (mine, other) = (App("mine", "drive"), App("other", "drive"));
        var id = (string)(await mine.CreateAsync(new JsonObject { ["name"] = "x", ["appProperties"] = new JsonObject { ["k"] = "mine" } }))["id"]!;
        await other.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["appProperties"] = new JsonObject { ["k"] = "other" } });

        Assert.Equal("""{"appProperties":{"k":"mine"}}""", (await mine.GetAsync($"drive/v3/files/{id}?fields=appProperties")).Json.ToJsonString());
        Assert.Equal("""{"appProperties":{"k":"other"}}""", (await other.GetAsync($"drive/v3/files/{id}?fields=appProperties")).Json.ToJsonString());
        Assert.Empty(await mine.NamesAsync("appProperties has { key='k' and value='other' }"));
    }

    [Theory]
    [InlineData("drive.readonly", 200, 200, 403)]
    [InlineData("drive.metadata.readonly", 200, 403, 403)]
    [InlineData("drive.file", 404, 404, 200)]
    [InlineData("drive", 200, 200, 200)]
    [InlineData("calendar", 403, 403, 403)]
    public async Task A_scope_says_what_may_be_done(string scope, int get, int download, int create)
    {
        var id = (string)(await App("owner", "drive").UploadAsync(new JsonObject { ["name"] = "x" }, [1]))["id"]!;
        var app = App("app", scope);

        Assert.Equal(get, (int)(await app.GetAsync($"drive/v3/files/{id}")).Status);
        Assert.Equal(download, (int)(await app.GetAsync($"drive/v3/files/{id}?alt=media")).Status);
        Assert.Equal(create, (int)(await app.UploadRawAsync(new JsonObject { ["name"] = "y" }, [1])).Status);
    }

    [Fact]
    public async Task Accounts_see_their_own_files_and_what_is_shared_with_them()
    {
        var owner = App("app", "drive");
        var folder = await owner.CreateFolderAsync("f");
        var id = (string)(await owner.UploadAsync(new JsonObject { ["name"] = "x", ["parents"] = new JsonArray(folder) }, [1]))["id"]!;
        var other = _bench.ClientWith(_bench.Host.IssueTokens(account: "other@example.com", clientId: "app").AccessToken);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"drive/v3/files/{id}")).Status);

        await owner.SendJsonAsync("POST", $"drive/v3/files/{folder}/permissions", new JsonObject { ["type"] = "user", ["role"] = "reader", ["emailAddress"] = "other@example.com" });

        Assert.Equal([1], (await other.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
        var update = await other.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["name"] = "y" });
        Assert.Equal((HttpStatusCode.Forbidden, "insufficientFilePermissions"), (update.Status, update.Reason));
    }

    private DriveClient App(string client, string scope) => _bench.ClientWith(_bench.Host.IssueTokens(clientId: client, scope: Scopes + scope).AccessToken);
}
