using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Store;

public sealed class FileSystemLeaseTests : LeaseStoreConformance, IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public FileSystemLeaseTests() => Directory.CreateDirectory(_directory.Join("store"));

    [Fact]
    public async Task Leases_are_no_objects_and_nothing_foreign()
    {
        var store = new FileSystemStore(_directory.Join("store"));

        var lease = (await store.TryCreateAsync(newest: null, new byte[10], Ct))!;
        Assert.True(await store.AnnounceAsync(lease, new byte[10], Ct));

        Assert.Empty(await store.ListAsync("", Ct).ToListAsync(Ct));
        Assert.Null(await store.FindForeignAsync(Ct));
    }

    public void Dispose() => _directory.Dispose();

    private protected override ILeaseStore Open() => new FileSystemStore(_directory.Join("store"));
}
