using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Backup;

/// <summary>The newest backup of a source that can be read.</summary>
internal static class PreviousBackup
{
    /// <summary>A damaged manifest takes its own backup with it, not the next ones.</summary>
    /// <param name="repository">Where it is.</param>
    /// <param name="catalog">Of the source.</param>
    /// <param name="doubts">Receives what is wrong with newer ones.</param>
    /// <param name="ct">Ends the reading.</param>
    public static async ValueTask<BackupManifest?> ReadAsync(BackupRepository repository, SourceCatalog catalog, ICollection<OperatorException> doubts, CancellationToken ct)
    {
        foreach (var entry in catalog.Manifests.Reverse())
        {
            try
            {
                return await repository.ReadManifestAsync(entry, ct);
            }
            catch (OperatorException e) when (e.Kind is FailureKind.VerificationFailed or FailureKind.Failed)
            {
                doubts.Add(e);
            }
        }

        return null;
    }
}
