using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Uploads;

/// <summary>Uploads of one request.</summary>
public sealed class SimpleUploadTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Media_alone_makes_a_file_without_a_name()
    {
        var body = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-pack") } };

        var file = (await Client.SendAsync("POST", "upload/drive/v3/files?uploadType=media&fields=name,mimeType,size", body)).Json;

        Assert.Equal("""{"name":"Untitled","mimeType":"application/x-pack","size":"3"}""", file.ToJsonString());
    }

    [Theory]
    [InlineData("--b\r\nContent-Type: application/json\r\n\r\n{\"name\":\"x\"}\r\n--b\r\n\r\nmedia\r\n--b--\r\n", 200)]
    [InlineData("--b\r\n\r\n{}\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nbWVkaWE=\r\n--b--", 200)]
    [InlineData("--b\r\n\r\n{\"name\":\"x\"}\r\n--b--\r\n", 400)]
    [InlineData("--b\r\n\r\n{\"name\":\"x\"}\r\n--b\r\n\r\nmed", 400)]
    [InlineData("--b\r\n\r\n{\"name\":}\r\n--b\r\n\r\nmedia\r\n--b--\r\n", 400)]
    [InlineData("nothing of the kind", 400)]
    public async Task Multipart_is_two_parts_and_its_end(string text, int status)
    {
        var body = new ByteArrayContent(Encoding.ASCII.GetBytes(text)) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/related; boundary=b") } };

        var answer = await Client.SendAsync("POST", "upload/drive/v3/files?uploadType=multipart&fields=id", body);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(status == 200 ? 1 : 0, Directory.GetFiles(Path.Combine(_bench.DataDirectory, "content")).Length);
        if (status == 200)
        {
            Assert.Equal("media", (await Client.GetAsync($"drive/v3/files/{answer.Json["id"]}?alt=media")).Text);
        }
    }

    [Fact]
    public async Task What_is_no_multipart_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync("POST", "upload/drive/v3/files?uploadType=multipart", new StringContent("{}"))).Status);

    [Fact]
    public async Task An_emulator_that_cannot_write_says_so()
    {
        Directory.Delete(Path.Combine(_bench.DataDirectory, "content"));

        var answer = await Client.UploadRawAsync(new JsonObject { ["name"] = "x" }, [1]);

        Assert.Equal((HttpStatusCode.InternalServerError, "internalError"), (answer.Status, answer.Reason));
        Assert.StartsWith("internal error: ", _bench.Host.Requests.Entries()[^1].Fault, StringComparison.Ordinal);
    }
}
