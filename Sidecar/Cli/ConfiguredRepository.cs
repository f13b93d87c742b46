using BackupSidecar.Repository;
using BackupSidecar.Store;

namespace BackupSidecar.Cli;

/// <summary>A repository that a configuration names.</summary>
/// <param name="Name">"local", or as it is configured.</param>
/// <param name="Place">Where it is; for people.</param>
/// <param name="Store">Opens its store.</param>
internal sealed record ConfiguredRepository(string Name, string Place, Func<IObjectStore> Store)
{
    public ValueTask<IRepositoryReader> OpenForReadingAsync(CancellationToken ct) => BackupRepository.OpenForReadingAsync(Store(), ct);
}
