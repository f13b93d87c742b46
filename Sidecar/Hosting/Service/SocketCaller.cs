using BackupSidecar.Api;

namespace BackupSidecar.Hosting.Service;

/// <summary>Whoever can connect to a listener has its role.</summary>
internal sealed class SocketCaller(CallerRole role) : ICaller
{
    public CallerRole RoleOf(string? authorization) => role;

    public bool NeedsToken => false;
}
