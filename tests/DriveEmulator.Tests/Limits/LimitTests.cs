using System.Net;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.Limits;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Limits;

/// <summary>What users may spend.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private readonly EmulatorBench _bench = new();

    private DriveClient Client => _bench.Client;

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Calls_cost_their_units()
    {
        await _bench.StartAsync();
        var id = (string)(await Client.UploadAsync(new JsonObject { ["name"] = "x" }, [1]))["id"]!;
        await Client.GetAsync($"drive/v3/files/{id}");
        await Client.GetAsync("drive/v3/files");
        await Client.GetAsync($"drive/v3/files/{id}?alt=media");
        await Client.SendJsonAsync("PATCH", $"drive/v3/files/{id}", new JsonObject { ["name"] = "y" });
        var session = await Client.StartUploadAsync(new JsonObject { ["name"] = "z" });
        await Client.PutAsync(session, [1], "0-0/1");

        Assert.Equal([50, 5, 100, 200, 50, 50, 0], _bench.Host.Requests.Entries().Select(entry => entry.Units));
        Assert.Equal(455, _bench.Host.Requests.Counters().Units);
    }

    [Theory]
    [InlineData(LimitShape.Forbidden, 403, "userRateLimitExceeded")]
    [InlineData(LimitShape.TooManyRequests, 429, "RATE_LIMIT_EXCEEDED")]
    public async Task A_user_over_his_units_is_refused_until_the_next_minute(LimitShape shape, int status, string reason)
    {
        await _bench.StartAsync(options => options with { UnitsPerMinute = 150, LimitShape = shape });
        var other = _bench.ClientWith(_bench.Host.IssueTokens(account: "other@example.com").AccessToken);
        await Client.GetAsync("drive/v3/files");

        var refused = await Client.GetAsync("drive/v3/files");
        var cheap = await Client.GetAsync("drive/v3/about?fields=user");
        var foreign = await other.GetAsync("drive/v3/files");
        _bench.Time.Advance(TimeSpan.FromSeconds(30));
        var later = await Client.GetAsync("drive/v3/files");

        Assert.Equal(status, (int)refused.Status);
        Assert.Contains(reason, refused.Text, StringComparison.Ordinal);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], [cheap.Status, foreign.Status, later.Status]);
    }

    [Fact]
    public async Task A_day_has_its_calls()
    {
        await _bench.StartAsync(options => options with { RequestsPerDay = 2 });
        await Client.GetAsync("drive/v3/files");
        await Client.GetAsync("drive/v3/files");

        var refused = await Client.GetAsync("drive/v3/files");
        _bench.Time.Advance(TimeSpan.FromHours(12));
        var tomorrow = await Client.GetAsync("drive/v3/files");

        Assert.Equal((HttpStatusCode.Forbidden, "dailyLimitExceeded"), (refused.Status, refused.Reason));
        Assert.Equal(HttpStatusCode.OK, tomorrow.Status);
    }

    [Fact]
    public async Task A_day_has_its_uploaded_bytes()
    {
        await _bench.StartAsync(options => options with { UploadBytesPerDay = 100 });
        await Client.UploadAsync(new JsonObject { ["name"] = "x" }, new byte[60]);

        var refused = await Client.UploadRawAsync(new JsonObject { ["name"] = "y" }, new byte[60]);
        _bench.Time.Advance(TimeSpan.FromHours(12));

        Assert.Equal((HttpStatusCode.Forbidden, "userRateLimitExceeded"), (refused.Status, refused.Reason));
        await Client.UploadAsync(new JsonObject { ["name"] = "y" }, new byte[60]);
    }
}
