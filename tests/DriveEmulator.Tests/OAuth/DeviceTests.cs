using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.OAuth;

/// <summary>Signing in on another screen.</summary>
public sealed class DeviceTests : IAsyncLifetime
{
    private readonly OAuthBench _bench = new();

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_device_waits_until_its_user_agrees()
    {
        var device = await BeginAsync();
        Assert.Equal((428, "authorization_pending"), OAuthBench.ErrorOf(await PollAsync(device)));

        Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(device, deny: false)).Status);
        _bench.Emulator.Time.Advance(TimeSpan.FromSeconds(5));
        var tokens = await PollAsync(device);

        Assert.Equal(HttpStatusCode.OK, await _bench.TryAsync(tokens.Json["access_token"]));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(tokens.Json["refresh_token"])).Status);
        _bench.Emulator.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await PollAsync(device)));
    }

    [Fact]
    public async Task A_device_that_asks_too_often_is_told_to_slow_down()
    {
        var device = await BeginAsync();
        await PollAsync(device);
        _bench.Emulator.Time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((403, "slow_down"), OAuthBench.ErrorOf(await PollAsync(device)));
    }

    [Fact]
    public async Task A_user_may_refuse_a_device()
    {
        var device = await BeginAsync();

        await AnswerAsync(device, deny: true);

        Assert.Equal((403, "access_denied"), OAuthBench.ErrorOf(await PollAsync(device)));
    }

    [Fact]
    public async Task A_device_waits_half_an_hour()
    {
        var device = await BeginAsync();
        _bench.Emulator.Time.Advance(TimeSpan.FromSeconds((int)device["expires_in"]!));

        Assert.Equal((400, "expired_token"), OAuthBench.ErrorOf(await PollAsync(device)));
        Assert.Equal(HttpStatusCode.NotFound, (await AnswerAsync(device, deny: false)).Status);
    }

    [Fact]
    public async Task The_page_takes_the_code_that_the_device_shows()
    {
        var device = await BeginAsync();
        var page = (string)device["verification_url"]!;

        Assert.Equal(HttpStatusCode.OK, (await _bench.Stranger.GetAsync(page)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _bench.Stranger.GetAsync($"{page}?user_code=WRONG")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _bench.Stranger.GetAsync($"{page}?user_code={((string)device["user_code"]!).ToLowerInvariant()}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PollAsync(device)).Status);
    }

    [Fact]
    public async Task Devices_get_no_more_than_files_of_their_own() =>
        Assert.Equal((400, "invalid_scope"), OAuthBench.ErrorOf(await _bench.PostAsync("device/code", ("client_id", "app"), ("scope", "https://www.googleapis.com/auth/drive"))));

    private async Task<JsonObject> BeginAsync() => (await _bench.PostAsync("device/code", ("client_id", "app"), ("scope", OAuthBench.FileScope))).Json;

    private Task<Answer> PollAsync(JsonObject device) => _bench.TokenAsync(
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", (string)device["device_code"]!), ("client_id", "app"), ("client_secret", "secret"));

    private Task<Answer> AnswerAsync(JsonObject device, bool deny) =>
        _bench.Stranger.SendJsonAsync("POST", "emulator/device/approve", new JsonObject { ["userCode"] = (string)device["user_code"]!, ["deny"] = deny });
}
