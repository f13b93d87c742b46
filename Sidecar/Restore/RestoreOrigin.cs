using BackupSidecar.Repository;

namespace BackupSidecar.Restore;

/// <summary>A repository that can be restored from.</summary>
/// <param name="Name">How messages name it; empty where there is only one.</param>
/// <param name="OpenAsync">Opens it for reading, or gives the one that is open.</param>
internal sealed record RestoreOrigin(string Name, Func<CancellationToken, ValueTask<IRepositoryReader>> OpenAsync);
