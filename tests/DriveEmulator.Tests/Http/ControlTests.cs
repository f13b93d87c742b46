using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Http;

/// <summary>The clock and the log.</summary>
public sealed class ControlTests : IAsyncLifetime
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_clock_moves_and_keeps_its_offset_over_a_restart()
    {
        var advanced = await Client.SendJsonAsync("POST", "emulator/clock", new JsonObject { ["advanceSeconds"] = 3600 });
        await _bench.StopAsync();
        await _bench.StartAsync();
        var kept = await Client.GetAsync("emulator/clock");
        var file = await Client.CreateAsync(new JsonObject { ["name"] = "x" });
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 13, 0, 30, TimeSpan.Zero), (await Client.GetAsync("drive/v3/about?fields=user")).Headers.Date);
        var set = await Client.SendJsonAsync("POST", "emulator/clock", new JsonObject { ["set"] = "2030-01-01T00:00:00Z" });

        Assert.Equal("2026-03-01T13:00:30.000Z", (string)advanced.Json["time"]!);
        Assert.Equal(advanced.Text, kept.Text);
        Assert.Equal("2026-03-01T13:00:30.000Z", (string)file["createdTime"]!);
        Assert.Equal("2030-01-01T00:00:00.000Z", (string)set.Json["time"]!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "advanceSeconds": 1, "set": "2030-01-01T00:00:00Z" }""")]
    [InlineData("""{ "advance": 1 }""")]
    [InlineData("""{ "set": "tomorrow" }""")]
    public async Task A_move_that_cannot_be_read_is_refused(string text) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await Client.SendAsync("POST", "emulator/clock", new StringContent(text))).Status);

    [Fact]
    public async Task The_log_tells_every_request_without_secrets()
    {
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "x" });
        await Client.PutAsync(session, new byte[1000], "0-999/1000");
        await Client.GetAsync("drive/v3/nothing");
        var secret = session.Query.Split("upload_id=")[1];

        var log = await Client.GetAsync("emulator/requests");
        var counters = await Client.GetAsync("emulator/counters");

        var entries = log.Json["requests"]!.AsArray();
        Assert.Equal(["upload.start", "upload.chunk", "unknown"], entries.Select(entry => (string)entry!["kind"]!));
        Assert.Equal([200, 200, 404], entries.Select(entry => (int)entry!["status"]!));
        Assert.Equal(1000, (int)entries[1]!["receivedBytes"]!);
        Assert.Equal("user@example.com", (string)entries[0]!["account"]!);
        Assert.DoesNotContain(secret, log.Text, StringComparison.Ordinal);
        Assert.Equal((3, 50), ((int)counters.Json["requests"]!, (int)counters.Json["units"]!));
        Assert.Equal(2, (int)counters.Json["byStatus"]!["200"]!);

        Assert.Equal([3], (await Client.GetAsync("emulator/requests?after=2")).Json["requests"]!.AsArray().Select(entry => (int)entry!["number"]!));

        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync("DELETE", "emulator/requests")).Status);
        Assert.Empty(_bench.Host.Requests.Entries());
    }

    [Fact]
    public async Task The_log_keeps_the_last_requests_only()
    {
        await _bench.StopAsync();
        await _bench.StartAsync(options => options with { RequestLogMax = 2 });
        for (var count = 0; count < 5; count++)
        {
            await Client.GetAsync("drive/v3/files");
        }

        Assert.Equal([4, 5], _bench.Host.Requests.Entries().Select(entry => entry.Number));
        Assert.Equal(5, _bench.Host.Requests.Counters().Requests);
    }
}
