using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.OAuth;

/// <summary>An app that signs in, as installed apps do.</summary>
internal sealed class OAuthBench : IAsyncDisposable
{
    public const string Redirect = "http://127.0.0.1:5000/done";
    public const string FileScope = "https://www.googleapis.com/auth/drive.file";
    public const string Verifier = "a-verifier-that-is-long-enough-for-the-standard-0123456789";

    public EmulatorBench Emulator { get; } = new();

    /// <summary>Without a token of its own.</summary>
    public DriveClient Stranger { get; private set; } = null!;

    public async Task StartAsync(Func<EmulatorOptions, EmulatorOptions>? change = null)
    {
        await Emulator.StartAsync(options => (change ?? (same => same))(options with { AnyToken = false }));
        Stranger = Emulator.ClientWith(null);
    }

    public static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    /// <summary>Opens the consent page, as a browser would.</summary>
    /// <param name="more">Parameters that replace the usual ones, or with null remove them.</param>
    public Task<Answer> ConsentAsync(params (string Name, string? Value)[] more)
    {
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = "app",
            ["redirect_uri"] = Redirect,
            ["response_type"] = "code",
            ["scope"] = FileScope,
            ["state"] = "s 1",
            ["code_challenge"] = Challenge(Verifier),
            ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        var pairs = query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}");
        return Stranger.GetAsync("o/oauth2/v2/auth?" + string.Join('&', pairs));
    }

    /// <summary>The parameters that come back to the app.</summary>
    public static Dictionary<string, string> Returned(Answer answer)
    {
        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        Assert.StartsWith(Redirect, answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        return answer.Headers.Location.Query.TrimStart('?').Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
    }

    public async Task<string> CodeAsync() => Returned(await ConsentAsync())["code"];

    public Task<Answer> TokenAsync(params (string Name, string Value)[] form) => PostAsync("token", form);

    public Task<Answer> PostAsync(string path, params (string Name, string Value)[] form) =>
        Stranger.SendAsync("POST", path, new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))));

    public Task<Answer> RedeemAsync(string code, string verifier = Verifier, string redirect = Redirect) =>
        TokenAsync(("grant_type", "authorization_code"), ("code", code), ("client_id", "app"), ("client_secret", "secret"), ("redirect_uri", redirect), ("code_verifier", verifier));

    public async Task<JsonObject> SignInAsync() => (await RedeemAsync(await CodeAsync())).Json;

    public Task<Answer> RefreshAsync(JsonNode? token, string client = "app") =>
        TokenAsync(("grant_type", "refresh_token"), ("refresh_token", (string)token!), ("client_id", client), ("client_secret", "secret"));

    /// <summary>What a call with an access token answers.</summary>
    public async Task<HttpStatusCode> TryAsync(JsonNode? accessToken) => (await Emulator.ClientWith((string)accessToken!).GetAsync("drive/v3/about?fields=user")).Status;

    public static (int Status, string Error) ErrorOf(Answer answer) => ((int)answer.Status, (string)answer.Json["error"]!);

    public ValueTask DisposeAsync() => Emulator.DisposeAsync();
}
