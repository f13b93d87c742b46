using System.Net;
using System.Text;
using BackupSidecar.DriveEmulator.Accounts;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.OAuth;

/// <summary>The pages that a user's browser opens: consent to an app, and the code that a device shows.</summary>
internal sealed class BrowserCalls(TokenBook tokens, EmulatorOptions options)
{
    public IEnumerable<CallRoute> Routes() =>
    [
        Of("oauth.auth", "/o/oauth2/v2/auth", ConsentAsync),
        Of("oauth.auth", "/o/oauth2/auth", ConsentAsync),
        Of("oauth.devicePage", "/device", DeviceAsync),
    ];

    private static CallRoute Of(string kind, string path, Func<Call, CancellationToken, Task> handle) => new(kind, "GET", path, Units: 0, NeedsToken: false, handle);

    private Task ConsentAsync(Call call, CancellationToken ct)
    {
        if (Fault(call) is var (error, description) && error is not null)
        {
            return PageAsync(call, 400, $"<h1>Access blocked: Authorization Error</h1><p>Error 400: {error}<p>{WebUtility.HtmlEncode(description)}", ct);
        }

        // The emulator's own parameter: what the links of its page add.
        var decision = call.Parameter("emulator_decision");
        if (options.Consent == ConsentMode.Page && decision is null)
        {
            var here = WebUtility.HtmlEncode($"{call.Request.Path}{call.Request.QueryString}&emulator_decision=");
            var text = $"<h1>{WebUtility.HtmlEncode(call.Parameter("client_id"))} wants access</h1><p>{WebUtility.HtmlEncode(AccountOf(call))}: {WebUtility.HtmlEncode(call.Parameter("scope"))}"
                + $"<p><a href=\"{here}allow\">Allow</a> <a href=\"{here}deny\">Deny</a>";
            return PageAsync(call, 200, text, ct);
        }

        var isAllowed = decision is null ? options.Consent == ConsentMode.Auto : decision == "allow";
        call.Response.Headers.Location = RedirectOf(call, isAllowed);
        call.AnswerNothing(302);
        return Task.CompletedTask;
    }

    /// <summary>What makes the request one that is never sent back to the app; nulls: nothing.</summary>
    private static (string? Error, string? Description) Fault(Call call)
    {
        var redirect = call.Parameter("redirect_uri");
        var isLoopback = Uri.TryCreate(redirect, UriKind.Absolute, out var uri) && uri is { Scheme: "http", IsLoopback: true };
        return call switch
        {
            _ when call.Parameter("client_id") is null => ("invalid_request", "Missing required parameter: client_id"),
            _ when redirect is null => ("invalid_request", "Missing required parameter: redirect_uri"),
            _ when !isLoopback => ("redirect_uri_mismatch", $"Of an installed app the emulator takes loopback addresses only, not {redirect}."),
            _ when call.Parameter("response_type") != "code" => ("unsupported_response_type", "The response_type must be code."),
            _ when call.Parameter("scope") is null => ("invalid_request", "Missing required parameter: scope"),
            _ when call.Parameter("code_challenge") is not null && call.Parameter("code_challenge_method") != "S256" => ("invalid_request", "The code_challenge_method must be S256."),
            _ => (null, null),
        };
    }

    private string RedirectOf(Call call, bool isAllowed)
    {
        var redirect = call.Parameter("redirect_uri")!;
        var query = new StringBuilder(redirect.Contains('?') ? "&" : "?");
        if (call.Parameter("state") is { } state)
        {
            query.Append("state=").Append(Uri.EscapeDataString(state)).Append('&');
        }

        if (!isAllowed)
        {
            return redirect + query.Append("error=access_denied");
        }

        var scope = call.Parameter("scope")!;
        var caller = new Caller(AccountOf(call), call.Parameter("client_id")!, scope.Split(' ', StringSplitOptions.RemoveEmptyEntries), IsServiceAccount: false);
        var code = tokens.NewCode(caller, redirect, call.Parameter("code_challenge"));
        return redirect + query.Append("code=").Append(Uri.EscapeDataString(code)).Append("&scope=").Append(Uri.EscapeDataString(scope));
    }

    private string AccountOf(Call call) => call.Parameter("login_hint") ?? options.Account;

    private Task DeviceAsync(Call call, CancellationToken ct)
    {
        if (call.Parameter("user_code") is not { } code)
        {
            return PageAsync(call, 200, "<h1>Connect a device</h1><form action=\"/device\"><p>Code: <input name=\"user_code\"> <button>Allow</button></form>", ct);
        }

        return tokens.Answer(code.Trim().ToUpperInvariant(), options.Account, agrees: true)
            ? PageAsync(call, 200, "<h1>The device is connected</h1>", ct)
            : PageAsync(call, 400, "<h1>No device waits with this code</h1>", ct);
    }

    private static async Task PageAsync(Call call, int status, string body, CancellationToken ct)
    {
        var bytes = Encoding.UTF8.GetBytes($"<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Drive emulator</title>\n{body}\n</html>\n");
        call.Response.StatusCode = status;
        call.Response.ContentType = "text/html; charset=utf-8";
        call.Response.ContentLength = bytes.Length;
        await call.Response.Body.WriteAsync(bytes, ct);
    }
}
