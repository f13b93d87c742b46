using System.Net.Sockets;
using Google.Rpc;
using Grpc.Core;

namespace BackupSidecar.Client;

/// <summary>A failed call as the app sees it.</summary>
internal static class CallFailure
{
    private const string Domain = "backupsidecar";
    private const string HintKey = "hint";

    /// <param name="failure">Any but the cancellation that the app asked for.</param>
    /// <param name="path">Of the socket.</param>
    /// <param name="within">How long the answer was waited for.</param>
    public static BackupSidecarException Of(RpcException failure, string path, TimeSpan within)
    {
        if (failure.GetRpcStatus()?.GetDetail<ErrorInfo>() is { Domain: Domain } info)
        {
            return new BackupSidecarException(info.Reason, failure.Status.Detail, info.Metadata.TryGetValue(HintKey, out var hint) ? hint : "", failure);
        }

        if (FindTransport(failure) is { } cause)
        {
            return cause is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? new BackupSidecarException(
                    BackupSidecarException.Unreachable, $"The sidecar's socket {path} may not be used by this user: {cause.Message}.", "Set service.appSocketGroup of the sidecar to a group that the app is in.", failure)
                : new BackupSidecarException(
                    BackupSidecarException.Unreachable,
                    $"No sidecar answers at {path}: {cause.Message}",
                    "Start it with 'backup-sidecar serve', and give the app the address of its service.appSocket, on a volume that both see.",
                    failure);
        }

        return failure.StatusCode == StatusCode.DeadlineExceeded
            ? new BackupSidecarException(BackupSidecarException.TimedOut, $"The sidecar at {path} has not answered within {within.TotalSeconds:0.###} s.", "'backup-sidecar status' shows what it is doing.", failure)
            : new BackupSidecarException("", $"The sidecar at {path} answered {failure.StatusCode}: {failure.Status.Detail}", "Check the address, and that sidecar and client are of the same version.", failure);
    }

    /// <summary>What kept the answer from coming, where the sidecar did not give one.</summary>
    private static Exception? FindTransport(RpcException failure)
    {
        Exception? found = null;
        for (var cause = failure.InnerException ?? failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            found = cause is SocketException or IOException or HttpRequestException ? cause : found;
        }

        return found;
    }
}
