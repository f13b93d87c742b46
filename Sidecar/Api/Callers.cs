using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>From a call to who makes it.</summary>
internal static class Callers
{
    public static CallerRole RoleOf(ServerCallContext context) => context.GetHttpContext().Features.Get<ICaller>()?.Role ?? CallerRole.Unspecified;
}
