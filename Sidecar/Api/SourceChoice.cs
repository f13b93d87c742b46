using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using SourceStatus = BackupSidecar.Following.SourceStatus;

namespace BackupSidecar.Api;

/// <summary>The source that a request means.</summary>
internal static class SourceChoice
{
    /// <summary>The one of that name; without a name the only one.</summary>
    /// <exception cref="ApiException">There is none, or none is named and there are several.</exception>
    public static SourceStatus One(ServeStatus status, string name)
    {
        if (name.Length == 0)
        {
            return status.Sources is [var only]
                ? only
                : throw new ApiException(ErrorReason.SourceUnnamed, $"The request names no source, and there are {status.Sources.Count}.", "Name the source, as the configuration of the sidecar does.");
        }

        return status.Sources.FirstOrDefault(source => source.Name == name)
            ?? throw NotFound(name);
    }

    /// <summary>The restores of the source that a request means.</summary>
    /// <exception cref="ApiException">As <see cref="One"/>.</exception>
    public static async ValueTask<(SourceStatus Source, SourceLifecycle Lifecycle)> LifecycleAsync(IServedSidecar sidecar, string name, CancellationToken ct)
    {
        await sidecar.ResolvedAsync(ct);
        var source = One(sidecar.Status, name);
        return (source, sidecar.FindLifecycle(source.Name) ?? throw NotFound(source.Name));
    }

    private static ApiException NotFound(string name) =>
        new(ErrorReason.SourceNotFound, $"There is no source '{RequestFields.Shown(name)}'.", "Name it as the configuration of the sidecar does: 'backup-sidecar status' lists them.");
}
