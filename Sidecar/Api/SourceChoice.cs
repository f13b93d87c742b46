using BackupSidecar.Contracts.V1;
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
            ?? throw new ApiException(ErrorReason.SourceNotFound, $"There is no source '{Shown(name)}'.", "Name it as the configuration of the sidecar does: 'backup-sidecar status' lists them.");
    }

    /// <summary>What a stranger sent is shown, and not all of it.</summary>
    private static string Shown(string text) => text.Length <= 100 ? text : $"{text.AsSpan(0, 100)}…";
}
