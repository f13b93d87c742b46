using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.OAuth;

/// <summary>Accounts of machines, which sign what they ask for.</summary>
public sealed class ServiceAccountTests : IAsyncLifetime
{
    private const string Scope = "https://www.googleapis.com/auth/drive";

    private readonly OAuthBench _bench = new();

    public async ValueTask InitializeAsync() => await _bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_key_file_leads_to_an_access_token()
    {
        var key = await KeyAsync();
        var tokens = await AskAsync(key, Claims(key));

        Assert.Equal(HttpStatusCode.OK, tokens.Status);
        Assert.False(tokens.Json.ContainsKey("refresh_token"));
        var about = await ClientOf(tokens).GetAsync("drive/v3/about?fields=user");
        Assert.Equal((string)key["client_email"]!, (string)about.Json["user"]!["emailAddress"]!);
        Assert.Equal("service_account", (string)key["type"]!);
        Assert.Equal(new Uri(_bench.Emulator.Host.BaseAddress, "token").ToString(), (string)key["token_uri"]!);
    }

    [Fact]
    public async Task A_service_account_owns_no_storage_and_folders_are_none()
    {
        var key = await KeyAsync();
        var client = ClientOf(await AskAsync(key, Claims(key)));

        var refused = await client.UploadRawAsync(new JsonObject { ["name"] = "x" }, [1]);
        var start = await client.SendJsonAsync("POST", "upload/drive/v3/files?uploadType=resumable", new JsonObject { ["name"] = "x" });
        await client.CreateFolderAsync("folder");

        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (refused.Status, refused.Reason));
        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (start.Status, start.Reason));
    }

    [Fact]
    public async Task A_service_account_stores_in_a_shared_drive_of_which_it_is_a_member()
    {
        var key = await KeyAsync();
        var owner = _bench.Emulator.ClientWith(_bench.Emulator.Host.IssueTokens().AccessToken);
        var drive = (string)(await owner.SendJsonAsync("POST", "drive/v3/drives?requestId=1", new JsonObject { ["name"] = "d" })).Json["id"]!;
        await owner.SendJsonAsync("POST", "emulator/members", new JsonObject { ["fileId"] = drive, ["account"] = (string)key["client_email"]!, ["role"] = "fileOrganizer" });
        var client = ClientOf(await AskAsync(key, Claims(key)));

        var file = await client.UploadAsync(new JsonObject { ["name"] = "x", ["parents"] = new JsonArray(drive) }, [1, 2], "&supportsAllDrives=true");

        Assert.Equal([1, 2], (await client.GetAsync($"drive/v3/files/{file["id"]}?alt=media")).Body);
    }

    /// <summary>What many try first: what it creates there would be its own.</summary>
    [Fact]
    public async Task A_folder_that_a_user_shares_with_it_does_not_help_a_service_account()
    {
        var key = await KeyAsync();
        var owner = _bench.Emulator.ClientWith(_bench.Emulator.Host.IssueTokens().AccessToken);
        var folder = await owner.CreateFolderAsync("shared with a robot");
        await owner.SendJsonAsync("POST", "emulator/members", new JsonObject { ["fileId"] = folder, ["account"] = (string)key["client_email"]!, ["role"] = "writer" });
        var client = ClientOf(await AskAsync(key, Claims(key)));

        var answer = await client.UploadRawAsync(new JsonObject { ["name"] = "x", ["parents"] = new JsonArray(folder) }, [1]);

        Assert.Equal((HttpStatusCode.Forbidden, "storageQuotaExceeded"), (answer.Status, answer.Reason));
    }

    [Theory]
    [InlineData("user@example.com", 200)]
    [InlineData("other@example.com", 401)]
    public async Task A_service_account_acts_for_the_users_that_it_may_act_for(string subject, int status)
    {
        var key = await KeyAsync("user@example.com");
        var claims = Claims(key);
        claims["sub"] = subject;

        var tokens = await AskAsync(key, claims);

        Assert.Equal(status, (int)tokens.Status);
        if (status == 200)
        {
            Assert.Equal("user@example.com", (string)(await ClientOf(tokens).UploadAsync(new JsonObject { ["name"] = "x" }, [1]))["owners"]![0]!["emailAddress"]!);
        }
        else
        {
            Assert.Equal("unauthorized_client", (string)tokens.Json["error"]!);
        }
    }

    [Theory]
    [InlineData("iss", "nobody@example.com")]
    [InlineData("aud", "https://example.com/token")]
    [InlineData("exp", 4_000_000_000)]
    [InlineData("exp", 1)]
    [InlineData("iat", 4_000_000_000)]
    [InlineData("iat", "now")]
    public async Task A_statement_that_does_not_hold_is_an_invalid_grant(string claim, object value)
    {
        var key = await KeyAsync();
        var claims = Claims(key);
        claims[claim] = value is string text ? JsonValue.Create(text) : JsonValue.Create(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await AskAsync(key, claims)));
    }

    [Fact]
    public async Task A_statement_that_another_key_has_signed_is_an_invalid_grant()
    {
        var key = await KeyAsync();
        var other = await KeyAsync();
        var claims = Claims(key);

        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await AskAsync(other, claims)));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await AskAsync("a.b.c")));
        Assert.Equal((400, "invalid_grant"), OAuthBench.ErrorOf(await AskAsync(Sign(key, claims)[..^4] + "AAAA")));
    }

    [Fact]
    public async Task A_clock_that_was_moved_does_not_shut_out_those_who_have_their_own()
    {
        var key = await KeyAsync();
        _bench.Emulator.Host.Clock.Advance(TimeSpan.FromDays(30));

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(key, Claims(key))).Status);
    }

    private async Task<JsonObject> KeyAsync(params string[] actsFor)
    {
        var answer = await _bench.Stranger.SendJsonAsync("POST", "emulator/service-accounts", new JsonObject { ["actsFor"] = new JsonArray([.. actsFor.Select(user => JsonValue.Create(user))]) });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Json;
    }

    private JsonObject Claims(JsonObject key)
    {
        var now = _bench.Emulator.Time.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject { ["iss"] = (string)key["client_email"]!, ["scope"] = Scope, ["aud"] = (string)key["token_uri"]!, ["iat"] = now, ["exp"] = now + 3600 };
    }

    private static string Sign(JsonObject key, JsonObject claims)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem((string)key["private_key"]!);
        var text = $"{Encode("""{"alg":"RS256","typ":"JWT"}""")}.{Encode(claims.ToJsonString())}";
        return $"{text}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private Task<Answer> AskAsync(JsonObject key, JsonObject claims) => AskAsync(Sign(key, claims));

    private Task<Answer> AskAsync(string assertion) => _bench.TokenAsync(("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion));

    private DriveClient ClientOf(Answer tokens) => _bench.Emulator.ClientWith((string)tokens.Json["access_token"]!);
}
