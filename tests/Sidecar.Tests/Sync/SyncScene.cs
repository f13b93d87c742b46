using BackupSidecar.Compaction;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>Brings the source of a <see cref="CompactionScene"/> to another repository.</summary>
internal static class SyncScene
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SyncResult> SyncAsync(CompactionScene scene, IObjectStore remote)
    {
        await using var there = await scene.OpenAsync(remote);
        return await (await RunAsync(scene, there)).ExecuteAsync("app", Ct);
    }

    public static async Task<SyncRun> RunAsync(CompactionScene scene, BackupRepository there) => new(
        await BackupRepository.OpenForReadingAsync(scene.Store, Ct), there, new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } }, scene.Time);

    public static async Task<SourceCatalog> CatalogOfAsync(IObjectStore remote)
    {
        var repository = await BackupRepository.OpenForReadingAsync(remote, Ct);
        return await repository.ReadCatalogAsync(await repository.FindSourceAsync("app", Ct), Ct);
    }

    public static async Task AssertThereAsync(CompactionScene scene, IObjectStore remote, IEnumerable<Position> positions)
    {
        var catalog = await CatalogOfAsync(remote);
        foreach (var position in positions.Distinct())
        {
            await scene.AssertRebuildsAsync(catalog, position, remote);
        }
    }
}
