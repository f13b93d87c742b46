using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>The end of the service, for calls that would go on without it.</summary>
internal sealed class CallEnd(CancellationToken ending)
{
    public CancellationToken Token => ending;

    /// <summary>Cancelled when the client has left or the service ends. To be disposed.</summary>
    public CancellationTokenSource Until(CancellationToken call) => CancellationTokenSource.CreateLinkedTokenSource(call, ending);

    /// <exception cref="ApiException">The service ends.</exception>
    public void ThrowIfEnding()
    {
        if (ending.IsCancellationRequested)
        {
            throw Ending();
        }
    }

    public static ApiException Ending() => new(ErrorReason.Ending, "The sidecar is ending.", "Call again when it has started anew.");
}
