using BackupSidecar.Store;
using BackupSidecar.Testing.Store;

namespace BackupSidecar.Tests.Store;

public sealed class MemoryStoreConformanceTests : ObjectStoreConformance
{
    private readonly MemoryStore _store = new();

    private protected override IObjectStore Open() => _store.Another();
}
