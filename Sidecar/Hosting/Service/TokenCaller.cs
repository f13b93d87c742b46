using BackupSidecar.Api;

namespace BackupSidecar.Hosting.Service;

/// <summary>Whoever shows the token is an operator, each call anew.</summary>
internal sealed class TokenCaller(AccessToken token) : ICaller
{
    public CallerRole RoleOf(string? authorization) => token.IsProvedBy(authorization) ? CallerRole.Operator : CallerRole.Unspecified;

    public bool NeedsToken => true;
}
