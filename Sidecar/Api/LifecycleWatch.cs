using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;

namespace BackupSidecar.Api;

/// <summary>An instance of an app that watches: it counts as running until this is disposed, also when its source is configured anew meanwhile.</summary>
internal sealed class LifecycleWatch(IServedSidecar sidecar, string source, string instance) : IDisposable
{
    private SourceLifecycle? _lifecycle;
    private IDisposable? _watching;

    /// <exception cref="ApiException">The source is gone.</exception>
    public WatchResponse Look()
    {
        var lifecycle = sidecar.FindLifecycle(source) ?? throw new ApiException(ErrorReason.SourceNotFound, $"There is no source '{source}' any more.", "The configuration has changed: 'backup-sidecar status' lists the sources.");
        if (lifecycle != _lifecycle)
        {
            _watching?.Dispose();
            (_lifecycle, _watching) = (lifecycle, lifecycle.Watching(instance));
        }

        var (restart, unconfirmed) = lifecycle.Look(instance);
        return new WatchResponse
        {
            Restart = RestoreMessages.ToMessage(restart),
            UnconfirmedRestoreId = unconfirmed?.Id ?? "",
            ConfirmDeadline = ProtoTime.ToProto(unconfirmed?.ConfirmBy),
        };
    }

    public void Dispose() => _watching?.Dispose();
}
