using BackupSidecar.Store;
using BackupSidecar.Testing.Store;

namespace BackupSidecar.Tests.Store;

/// <summary>Without a fault the faulty store is as good as the one inside it.</summary>
public sealed class FaultyStoreConformanceTests : ObjectStoreConformance
{
    private readonly MemoryStore _store = new();

    private protected override IObjectStore Open() => new FaultyStore(_store.Another(), fault: null);
}
