using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Files;

/// <summary>Single files: create, read, change, trash, delete.</summary>
public sealed class FileTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_file_that_was_uploaded_has_its_size_as_a_string_its_md5_and_no_sha256()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);

        var file = await Client.UploadAsync(new JsonObject { ["name"] = "a.pack" }, content);

        Assert.Equal("300000", (string)file["size"]!);
        Assert.Equal(Checksum.Md5(content), (string)file["md5Checksum"]!);
        Assert.False(file.ContainsKey("sha256Checksum"));
        var download = await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media");
        Assert.Equal(content, download.Body);
    }

    [Fact]
    public async Task A_create_with_an_id_that_exists_answers_409()
    {
        var id = await Client.NewIdAsync();
        await Client.CreateAsync(new JsonObject { ["id"] = id, ["name"] = "first" });

        var second = await Client.UploadRawAsync(new JsonObject { ["id"] = id, ["name"] = "second" }, [1, 2, 3]);

        Assert.Equal(HttpStatusCode.Conflict, second.Status);
        Assert.Equal("fileIdInUse", second.Reason);
        Assert.Equal("first", (string)(await Client.GetAsync($"drive/v3/files/{id}")).Json["name"]!);
    }

    [Fact]
    public async Task Only_ids_that_were_generated_can_be_named()
    {
        var answer = await Client.SendJsonAsync("POST", "drive/v3/files", new JsonObject { ["id"] = "1mine", ["name"] = "x" });

        Assert.Equal((HttpStatusCode.BadRequest, "invalid"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task An_id_is_not_given_again_after_its_file_was_deleted()
    {
        var id = await Client.NewIdAsync();
        await Client.CreateAsync(new JsonObject { ["id"] = id, ["name"] = "x" });
        await Client.SendAsync("DELETE", $"drive/v3/files/{id}");

        var answer = await Client.SendJsonAsync("POST", "drive/v3/files", new JsonObject { ["id"] = id, ["name"] = "x" });

        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
    }

    [Theory]
    [InlineData("bytes=0-9", 206, "bytes 0-9/1000", 0, 10)]
    [InlineData("bytes=990-5000", 206, "bytes 990-999/1000", 990, 10)]
    [InlineData("bytes=500-", 206, "bytes 500-999/1000", 500, 500)]
    [InlineData("bytes=-100", 206, "bytes 900-999/1000", 900, 100)]
    [InlineData("bytes=-5000", 206, "bytes 0-999/1000", 0, 1000)]
    [InlineData("bytes=0-1,5-6", 200, null, 0, 1000)]
    [InlineData("lines=1-2", 200, null, 0, 1000)]
    public async Task A_download_answers_one_range(string range, int status, string? contentRange, int first, int count)
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, content);

        var answer = await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media", ("Range", range));

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(contentRange, answer.ContentHeaders.ContentRange?.ToString());
        Assert.Equal(content[first..(first + count)], answer.Body);
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=1000-2000")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_answers_416_with_the_size(string range)
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[1000]);

        var answer = await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media", ("Range", range));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.Status);
        Assert.Equal("bytes */1000", answer.ContentHeaders.ContentRange?.ToString());
    }

    [Fact]
    public async Task A_trashed_file_is_readable_and_a_deleted_one_is_gone()
    {
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x" }, [7]))["id"]!;

        var trashed = await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}?fields=trashed,explicitlyTrashed", new JsonObject { ["trashed"] = true });
        Assert.True((bool)trashed.Json["trashed"]!);
        Assert.Equal([7], (await Client.GetAsync($"drive/v3/files/{id}?alt=media")).Body);

        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync("DELETE", $"drive/v3/files/{id}")).Status);
        Assert.Equal((HttpStatusCode.NotFound, "notFound"), await StatusAndReason(Client.GetAsync($"drive/v3/files/{id}")));
        Assert.Equal((HttpStatusCode.NotFound, "notFound"), await StatusAndReason(Client.GetAsync($"drive/v3/files/{id}?alt=media")));
        Assert.Equal((HttpStatusCode.NotFound, "notFound"), await StatusAndReason(Client.SendAsync("DELETE", $"drive/v3/files/{id}")));
        Assert.Empty(Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")));
    }

    [Fact]
    public async Task What_is_in_a_trashed_folder_is_trashed_and_goes_with_it()
    {
        var folder = await Client.CreateFolderAsync("f");
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x", ["parents"] = new JsonArray(folder) }, [7]))["id"]!;

        await Client.SendJsonAsync("PATCH", $"drive/v3/files/{folder}", new JsonObject { ["trashed"] = true });
        var child = (await Client.GetAsync($"drive/v3/files/{id}?fields=trashed,explicitlyTrashed")).Json;
        await Client.SendAsync("DELETE", $"drive/v3/files/{folder}");

        Assert.Equal((true, false), ((bool)child["trashed"]!, (bool)child["explicitlyTrashed"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await Client.GetAsync($"drive/v3/files/{id}")).Status);
    }

    [Fact]
    public async Task Names_are_not_unique()
    {
        var first = await Client.UploadAsync(new JsonObject { ["name"] = "same" }, [1]);
        var second = await Client.UploadAsync(new JsonObject { ["name"] = "same" }, [2]);

        Assert.NotEqual((string)first["id"]!, (string)second["id"]!);
        Assert.Equal(["same", "same"], await Client.NamesAsync("name = 'same'"));
    }

    [Fact]
    public async Task An_update_replaces_the_content_and_keeps_the_id()
    {
        var file = await Client.UploadAsync(new JsonObject { ["name"] = "x" }, [1, 2]);

        var updated = await Client.SendAsync("PATCH", $"upload/drive/v3/files/{file["id"]}?uploadType=media&fields=*", new ByteArrayContent([3, 4, 5]));

        Assert.Equal(("3", "2"), ((string)updated.Json["size"]!, (string)updated.Json["version"]!));
        Assert.NotEqual((string)file["headRevisionId"]!, (string)updated.Json["headRevisionId"]!);
        Assert.Equal([3, 4, 5], (await Client.GetAsync($"drive/v3/files/{file["id"]}?alt=media")).Body);
        Assert.Single(Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")));
    }

    [Fact]
    public async Task Properties_of_an_app_are_merged_and_null_removes_one()
    {
        var file = await Client.CreateAsync(new JsonObject { ["name"] = "x", ["appProperties"] = new JsonObject { ["a"] = "1", ["b"] = "2" } });

        var updated = await Client.SendJsonAsync("PATCH", $"drive/v3/files/{file["id"]}?fields=appProperties", new JsonObject { ["appProperties"] = new JsonObject { ["b"] = null, ["c"] = "3" } });

        Assert.Equal("""{"appProperties":{"a":"1","c":"3"}}""", updated.Json.ToJsonString());
    }

    [Theory]
    [InlineData(1, 124, 200)]
    [InlineData(1, 125, 400)]
    [InlineData(30, 10, 200)]
    [InlineData(31, 10, 400)]
    public async Task Properties_have_a_maximum_of_30_and_of_124_bytes_with_the_key(int count, int bytes, int status)
    {
        var pairs = Enumerable.Range(0, count).Select(index => KeyValuePair.Create<string, JsonNode?>($"{index:00}", new string('v', bytes - 2)));

        var answer = await Client.SendJsonAsync("POST", "drive/v3/files", new JsonObject { ["name"] = "x", ["appProperties"] = new JsonObject(pairs) });

        Assert.Equal(status, (int)answer.Status);
    }

    [Fact]
    public async Task A_file_moves_by_addParents()
    {
        var folder = await Client.CreateFolderAsync("f");
        var file = await Client.CreateAsync(new JsonObject { ["name"] = "x" });

        var moved = await Client.SendJsonAsync("PATCH", $"drive/v3/files/{file["id"]}?addParents={folder}&removeParents={file["parents"]![0]}&fields=parents", new JsonObject());

        Assert.Equal(folder, (string)moved.Json["parents"]![0]!);
    }

    [Fact]
    public async Task A_folder_does_not_move_into_itself()
    {
        var outer = await Client.CreateFolderAsync("outer");
        var inner = (string)(await Client.CreateAsync(new JsonObject { ["name"] = "inner", ["mimeType"] = "application/vnd.google-apps.folder", ["parents"] = new JsonArray(outer) }))["id"]!;

        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendJsonAsync("PATCH", $"drive/v3/files/{outer}?addParents={inner}", new JsonObject())).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendJsonAsync("PATCH", $"drive/v3/files/{outer}?addParents={outer}", new JsonObject())).Status);
    }

    [Fact]
    public async Task All_is_still_there_after_a_restart()
    {
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x", ["appProperties"] = new JsonObject { ["k"] = "v" } }, [1, 2, 3]))["id"]!;
        var before = (await Client.GetAsync($"drive/v3/files/{id}?fields=*")).Text;
        await _bench.StopAsync();
        await _bench.StartAsync();

        Assert.Equal(before, (await Client.GetAsync($"drive/v3/files/{id}?fields=*")).Text);
        Assert.Equal([1, 2, 3], (await Client.GetAsync($"drive/v3/files/{id}?alt=media")).Body);
    }

    /// <summary>As Google's own clients send it.</summary>
    [Fact]
    public async Task Metadata_may_come_compressed()
    {
        using var compressed = new MemoryStream();
        await using (var zip = new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true))
        {
            zip.Write("""{"name":"from a compressed body"}"""u8);
        }

        var created = await Client.SendAsync("POST", "drive/v3/files", new ByteArrayContent(compressed.ToArray()), ("Content-Encoding", "gzip"), ("Content-Type", "application/json"));
        var session = await Client.SendAsync(
            "POST", "upload/drive/v3/files?uploadType=resumable&fields=name", new ByteArrayContent(compressed.ToArray()), ("Content-Encoding", "gzip"), ("Content-Type", "application/json"));
        var uploaded = await Client.PutAsync(session.Headers.Location!, [1], "0-0/1");
        var broken = await Client.SendAsync("POST", "drive/v3/files", new ByteArrayContent([1, 2, 3]), ("Content-Encoding", "gzip"));

        Assert.Equal("from a compressed body", (string)created.Json["name"]!);
        Assert.Equal("from a compressed body", (string)uploaded.Json["name"]!);
        Assert.Equal(HttpStatusCode.BadRequest, broken.Status);
    }

    [Fact]
    public async Task An_answer_is_compact_if_asked_for() =>
        Assert.DoesNotContain("\n", (await Client.GetAsync("drive/v3/about?fields=user&prettyPrint=false")).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"name":1}""", 400)]
    [InlineData("""{"parents":["no-such-folder"]}""", 404)]
    [InlineData("""{"parents":"root"}""", 400)]
    [InlineData("""{"parents":["root","root"]}""", 400)]
    [InlineData("""{"appProperties":{"k":1}}""", 400)]
    [InlineData("""{"modifiedTime":"yesterday"}""", 400)]
    [InlineData("""{"size":"5"}""", 403)]
    [InlineData("""["name"]""", 400)]
    [InlineData("{", 400)]
    [InlineData("", 200)]
    public async Task Metadata_that_drive_does_not_take_is_refused(string json, int status) =>
        Assert.Equal(status, (int)(await Client.SendAsync("POST", "drive/v3/files", new StringContent(json))).Status);

    [Fact]
    public async Task A_file_is_no_folder()
    {
        var id = (string)(await Client.CreateAsync(new JsonObject { ["name"] = "x" }))["id"]!;

        var answer = await Client.UploadRawAsync(new JsonObject { ["name"] = "y", ["parents"] = new JsonArray(id) }, [1]);

        Assert.Equal((HttpStatusCode.Forbidden, "parentNotAFolder"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task The_trash_is_emptied()
    {
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x" }, [1]))["id"]!;
        await Client.UploadAsync(new JsonObject { ["name"] = "kept" }, [1]);
        await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["trashed"] = true });

        await Client.SendAsync("DELETE", "drive/v3/files/trash");

        Assert.Equal(["kept"], await Client.NamesAsync("trashed = true or trashed = false"));
    }

    [Fact]
    public async Task About_tells_the_quota_and_what_the_trash_holds_of_it()
    {
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { QuotaBytes = 1000 });
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[600]))["id"]!;
        await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["trashed"] = true });

        var about = await Client.GetAsync("drive/v3/about?fields=storageQuota");
        var full = await Client.UploadRawAsync(new JsonObject { ["name"] = "y" }, new byte[401]);

        Assert.Equal("""{"storageQuota":{"limit":"1000","usage":"600","usageInDrive":"600","usageInDriveTrash":"600"}}""", about.Json.ToJsonString());
        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (full.Status, full.Reason));
    }

    [Fact]
    public async Task About_wants_to_know_which_fields() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.GetAsync("drive/v3/about")).Status);

    private static async Task<(HttpStatusCode Status, string Reason)> StatusAndReason(Task<Answer> answer) => ((await answer).Status, (await answer).Reason);
}
