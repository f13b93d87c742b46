using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Faults;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Http;

/// <summary>Many calls in one request.</summary>
public sealed class BatchTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Each_part_is_answered_with_its_own_status()
    {
        var id = (string)(await Client.CreateAsync(new JsonObject { ["name"] = "x" }))["id"]!;

        var answer = await SendAsync(
            "POST /drive/v3/files?fields=name HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{\"name\":\"made in a batch\"}",
            $"GET /drive/v3/files/{id}?fields=id",
            $"DELETE /drive/v3/files/{id}\r\n\r\n",
            $"GET /drive/v3/files/{id}",
            $"GET /drive/v3/files/{id}?alt=media");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.StartsWith("multipart/mixed", answer.ContentHeaders.ContentType!.ToString(), StringComparison.Ordinal);
        var statuses = answer.Text.Split("\r\n").Where(line => line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)).Select(line => line[9..12]);
        Assert.Equal(["200", "200", "204", "404", "400"], statuses);
        Assert.Contains("Content-ID: <response-item1>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"made in a batch\"", answer.Text, StringComparison.Ordinal);
        Assert.Equal(["made in a batch"], await Client.NamesAsync("trashed = false"));
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(101, 400)]
    public async Task A_batch_has_a_hundred_calls_at_most(int count, int status) =>
        Assert.Equal(status, (int)(await SendAsync([.. Enumerable.Repeat("GET /drive/v3/about?fields=user", count)])).Status);

    [Fact]
    public async Task Every_call_in_it_costs_its_units_and_may_meet_a_fault()
    {
        _bench.Host.Faults.Set([new FaultRule { Calls = ["about.get"], Skip = 1, Count = 1, Fault = new Fault { Kind = FaultKind.Status, Status = 503 } }], seed: 0);

        var answer = await SendAsync("GET /drive/v3/about?fields=user", "GET /drive/v3/about?fields=user", "GET /drive/v3/files");

        Assert.Contains("HTTP/1.1 503", answer.Text, StringComparison.Ordinal);
        Assert.Equal(105, _bench.Host.Requests.Counters().Units);
        Assert.Equal(["batch", "about.get", "about.get", "files.list"], _bench.Host.Requests.Entries().Select(entry => entry.Kind));
    }

    [Fact]
    public async Task What_is_no_batch_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync("POST", "batch/drive/v3", new StringContent("{}", Encoding.UTF8, "application/json"))).Status);

    private Task<Answer> SendAsync(params string[] calls)
    {
        var body = new MultipartContent("mixed");
        for (var index = 0; index < calls.Length; index++)
        {
            var part = new ByteArrayContent(Encoding.UTF8.GetBytes(calls[index]));
            part.Headers.ContentType = new MediaTypeHeaderValue("application/http");
            part.Headers.TryAddWithoutValidation("Content-ID", $"<item{index}>");
            body.Add(part);
        }

        return Client.SendAsync("POST", "batch/drive/v3", body);
    }
}
