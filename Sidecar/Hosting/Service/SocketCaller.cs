using BackupSidecar.Api;

namespace BackupSidecar.Hosting.Service;

/// <summary>Whoever can connect to a socket has its role.</summary>
internal sealed record SocketCaller(CallerRole Role) : ICaller;
