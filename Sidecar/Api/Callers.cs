using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace BackupSidecar.Api;

/// <summary>From a call to who makes it.</summary>
internal static class Callers
{
    public static CallerRole RoleOf(ServerCallContext context) => RoleOf(context.GetHttpContext());

    public static CallerRole RoleOf(HttpContext context) => context.Features.Get<ICaller>()?.RoleOf(context.Request.Headers.Authorization) ?? CallerRole.Unspecified;

    /// <summary>True if a token would give the call a role.</summary>
    public static bool NeedsToken(ServerCallContext context) => context.GetHttpContext().Features.Get<ICaller>() is { NeedsToken: true };
}
