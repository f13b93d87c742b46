using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using Xunit;

namespace BackupSidecar.Tests.Sync;

/// <summary>Sidecars that write to one repository, one after the other or without knowing of each other.</summary>
internal sealed class WritersScene : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public WritersScene() => Store = new LeasedStore(new MemoryStore(), new FileSystemStore(_directory.FullPath));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public CompactionScene App { get; } = new();

    public LeasedStore Store { get; }

    /// <summary>Where leases and announcements lie as files.</summary>
    public string LeaseFolder => _directory.FullPath;

    /// <summary>By whoever began to write, in order.</summary>
    public List<BackupRepository> Opened { get; } = [];

    /// <summary>Of whoever began to write, in order.</summary>
    public List<string> Names { get; } = [];

    /// <summary>A sidecar of this name, with its own state, that takes over from whoever holds the lease.</summary>
    public async Task<SyncRun> WriterAsync(string name)
    {
        var repository = await App.OpenAsync(Store);
        var me = new LeaseHolder(name, "host", name, App.Time.GetUtcNow());
        _ = await WriterLease.TakeAsync(Store, Store, repository.Id, me, takeOver: true, Ct);
        await repository.TakeLeaseAsync(me, Ct);
        Opened.Add(repository);
        Names.Add(name);
        var options = new SyncOptions { Merge = App.Options, Compaction = App.Options };
        return new SyncRun(await BackupRepository.OpenForReadingAsync(App.Store, Ct), repository, options, App.Time);
    }

    public long LastOf(long lease) => Store.Announced.TryGetValue(lease, out var bytes) ? LeaseAnnouncementCodec.Parse([.. bytes], lease, Opened[0].Id, "memory").Number : 0;

    public async Task<SourceCatalog> CatalogAsync()
    {
        var reader = await BackupRepository.OpenForReadingAsync(Store, Ct);
        return await reader.ReadCatalogAsync(await reader.FindSourceAsync("app", Ct), Ct);
    }

    public void Dispose()
    {
        App.Dispose();
        _directory.Dispose();
    }
}
