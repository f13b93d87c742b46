using BackupSidecar.DriveEmulator.Http;
using BackupSidecar.DriveEmulator.OAuth;

namespace BackupSidecar.DriveEmulator.Accounts;

/// <summary>Who is behind the bearer token of a call.</summary>
internal sealed class CallerSource(TokenBook tokens, EmulatorOptions options)
{
    private const string AnyClient = "any-client";

    /// <exception cref="DriveException">401: there is no token, or it is unknown, expired or revoked.</exception>
    public Caller Identify(Call call)
    {
        var header = call.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..].Trim() : call.Parameter("access_token") ?? "";
        if (token.Length == 0)
        {
            throw new DriveException(401, "required", "Login Required.") { Parameter = "Authorization" };
        }

        return tokens.Find(token)
            ?? (options.AnyToken && !TokenBook.IsOurs(token) ? new Caller(options.Account, AnyClient, [Caller.FullScope], IsServiceAccount: false) : null)
            ?? throw new DriveException(401, "authError", "Invalid Credentials") { Parameter = "Authorization" };
    }
}
