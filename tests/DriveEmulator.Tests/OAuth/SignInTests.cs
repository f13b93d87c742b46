using System.Net;
using System.Text.Json.Nodes;
using BackupSidecar.DriveEmulator.OAuth;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.OAuth;

/// <summary>The way through the browser, and the life of its tokens.</summary>
public sealed class SignInTests : IAsyncDisposable
{
    private readonly OAuthBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_code_with_its_verifier_becomes_tokens()
    {
        await _bench.StartAsync();
        var returned = OAuthBench.Returned(await _bench.ConsentAsync());

        var tokens = await _bench.RedeemAsync(returned["code"]);

        Assert.Equal("s 1", returned["state"]);
        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.Equal(("Bearer", 3599, OAuthBench.FileScope), ((string)tokens.Json["token_type"]!, (int)tokens.Json["expires_in"]!, (string)tokens.Json["scope"]!));
        Assert.Equal(HttpStatusCode.OK, await _bench.TryAsync(tokens.Json["access_token"]));
        Assert.Equal(HttpStatusCode.OK, await _bench.TryAsync((await _bench.RefreshAsync(tokens.Json["refresh_token"])).Json["access_token"]));
    }

    [Fact]
    public async Task A_code_is_good_once_for_its_redirect_and_its_verifier()
    {
        await _bench.StartAsync();
        var code = await _bench.CodeAsync();
        await _bench.RedeemAsync(code);

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RedeemAsync(code)));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RedeemAsync(await _bench.CodeAsync(), verifier: "another")));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RedeemAsync(await _bench.CodeAsync(), verifier: "")));
        Assert.Equal((400, "redirect_uri_mismatch"), OAuthBench.ErrorOf(await _bench.RedeemAsync(await _bench.CodeAsync(), redirect: "http://127.0.0.1:1/")));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RedeemAsync("4/0invented")));
    }

    [Fact]
    public async Task A_code_lives_ten_minutes()
    {
        await _bench.StartAsync();
        var code = await _bench.CodeAsync();
        _bench.Emulator.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RedeemAsync(code)));
    }

    [Theory]
    [InlineData("client_id", null)]
    [InlineData("scope", null)]
    [InlineData("response_type", "token")]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "https://example.com/")]
    [InlineData("redirect_uri", "urn:ietf:wg:oauth:2.0:oob")]
    [InlineData("code_challenge_method", "plain")]
    public async Task A_request_that_google_blocks_ends_on_a_page(string name, string? value)
    {
        await _bench.StartAsync();

        var answer = await _bench.ConsentAsync((name, value));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("text/html", answer.ContentHeaders.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_user_may_refuse()
    {
        await _bench.StartAsync(options => options with { Consent = ConsentMode.Deny });

        Assert.Equal("access_denied", OAuthBench.Returned(await _bench.ConsentAsync())["error"]);
    }

    [Theory]
    [InlineData("allow", "code")]
    [InlineData("deny", "error")]
    public async Task A_page_lets_the_user_decide(string decision, string returned)
    {
        await _bench.StartAsync(options => options with { Consent = ConsentMode.Page });
        var page = await _bench.ConsentAsync(("login_hint", "<other>@example.com"));
        var link = WebUtility.HtmlDecode(page.Text.Split("href=\"").Select(part => part.Split('"')[0]).Single(target => target.EndsWith(decision, StringComparison.Ordinal)));

        var answer = await _bench.Stranger.GetAsync(link);

        Assert.DoesNotContain("<other>", page.Text, StringComparison.Ordinal);
        Assert.True(OAuthBench.Returned(answer).ContainsKey(returned));
    }

    [Fact]
    public async Task An_access_token_lives_an_hour()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();
        _bench.Emulator.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, await _bench.TryAsync(tokens["access_token"]));

        _bench.Emulator.Time.Advance(TimeSpan.FromMinutes(1));
        var late = await _bench.Emulator.ClientWith((string)tokens["access_token"]!).GetAsync("drive/v3/about?fields=user");

        Assert.Equal((HttpStatusCode.Unauthorized, "authError"), (late.Status, late.Reason));
        Assert.Contains("invalid_token", late.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_refresh_token_of_an_app_in_testing_dies_after_seven_days()
    {
        await _bench.StartAsync(options => options with { RefreshTokenLifetime = TimeSpan.FromDays(7) });
        var tokens = await _bench.SignInAsync();
        Assert.Equal(604_799, (int)tokens["refresh_token_expires_in"]!);
        _bench.Emulator.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(tokens["refresh_token"])).Status);

        _bench.Emulator.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RefreshAsync(tokens["refresh_token"])));
    }

    [Fact]
    public async Task A_rotated_refresh_token_ends_the_old_one()
    {
        await _bench.StartAsync(options => options with { RotateRefreshTokens = true });
        var first = (await _bench.SignInAsync())["refresh_token"];

        var second = (await _bench.RefreshAsync(first)).Json["refresh_token"];

        Assert.NotEqual((string)first!, (string)second!);
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RefreshAsync(first)));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(second)).Status);
    }

    [Fact]
    public async Task Without_rotation_the_refresh_token_stays_and_is_not_repeated()
    {
        await _bench.StartAsync();
        var token = (await _bench.SignInAsync())["refresh_token"];

        Assert.False((await _bench.RefreshAsync(token)).Json.ContainsKey("refresh_token"));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(token)).Status);
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("refresh_token")]
    public async Task Either_token_revokes_the_grant(string name)
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();

        Assert.Equal(HttpStatusCode.OK, (await _bench.PostAsync("revoke", ("token", (string)tokens[name]!))).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await _bench.TryAsync(tokens["access_token"]));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RefreshAsync(tokens["refresh_token"])));
        Assert.Equal((400, "invalid_token"), OAuthBench.ErrorOf(await _bench.PostAsync("revoke", ("token", (string)tokens[name]!))));
    }

    [Fact]
    public async Task An_account_revokes_an_app()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();
        var other = _bench.Emulator.Host.IssueTokens(clientId: "other");

        await _bench.Stranger.SendJsonAsync("POST", "emulator/revoke", new JsonObject { ["clientId"] = "app" });

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RefreshAsync(tokens["refresh_token"])));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(other.RefreshToken, client: "other")).Status);
    }

    [Fact]
    public async Task A_refresh_token_is_the_apps_that_got_it()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await _bench.RefreshAsync(tokens["refresh_token"], client: "other")));
    }

    [Fact]
    public async Task A_registered_app_needs_its_secret()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();

        await _bench.Stranger.SendJsonAsync("POST", "emulator/clients", new JsonObject { ["id"] = "app", ["secret"] = "right" });

        Assert.Equal((401, "invalid_client"), OAuthBench.ErrorOf(await _bench.RefreshAsync(tokens["refresh_token"])));
        var basic = "Basic " + Convert.ToBase64String("app:right"u8);
        var form = new FormUrlEncodedContent([new("grant_type", "refresh_token"), new("refresh_token", (string)tokens["refresh_token"]!)]);
        Assert.Equal(HttpStatusCode.OK, (await _bench.Stranger.SendAsync("POST", "token", form, ("Authorization", basic))).Status);
    }

    [Fact]
    public async Task The_client_file_names_the_emulators_own_addresses()
    {
        await _bench.StartAsync();

        var file = (await _bench.Stranger.GetAsync("emulator/client-file?id=app&secret=s")).Json["installed"]!;

        Assert.Equal(("app", "s"), ((string)file["client_id"]!, (string)file["client_secret"]!));
        Assert.Equal(HttpStatusCode.BadRequest, (await _bench.Stranger.GetAsync((string)file["auth_uri"]!)).Status);
        Assert.Equal((400, "invalid_request"), OAuthBench.ErrorOf(await _bench.PostAsync((string)file["token_uri"]!)));
        Assert.Equal(file.ToJsonString(), JsonNode.Parse(_bench.Emulator.Host.ClientFile("app", "s"))!["installed"]!.ToJsonString());
    }

    [Theory]
    [InlineData("password", "unsupported_grant_type")]
    [InlineData("refresh_token", "invalid_request")]
    public async Task A_grant_that_is_unknown_or_incomplete_is_refused(string type, string error)
    {
        await _bench.StartAsync();

        Assert.Equal((400, error), OAuthBench.ErrorOf(await _bench.TokenAsync(("grant_type", type), ("client_id", "app"))));
    }

    [Fact]
    public async Task Grants_survive_a_restart()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();
        await _bench.Emulator.StopAsync();
        await _bench.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await _bench.TryAsync(tokens["access_token"]));
        Assert.Equal(HttpStatusCode.OK, (await _bench.RefreshAsync(tokens["refresh_token"])).Status);
    }

    [Fact]
    public async Task Without_a_token_and_with_an_invented_one_a_call_is_refused_and_any_token_does_not_wake_a_dead_one()
    {
        await _bench.StartAsync();
        var tokens = await _bench.SignInAsync();
        Assert.Equal("required", (await _bench.Stranger.GetAsync("drive/v3/files")).Reason);
        Assert.Equal(HttpStatusCode.Unauthorized, await _bench.TryAsync("invented"));
        await _bench.Emulator.StopAsync();
        await _bench.StartAsync(options => options with { AnyToken = true });
        _bench.Emulator.Host.Revoke();

        Assert.Equal(HttpStatusCode.Unauthorized, await _bench.TryAsync(tokens["access_token"]));
    }
}
