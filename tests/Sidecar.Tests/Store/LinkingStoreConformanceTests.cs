using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;

namespace BackupSidecar.Tests.Store;

/// <summary>As on a file system that cannot rename without replacing.</summary>
public sealed class LinkingStoreConformanceTests : ObjectStoreConformance, IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public LinkingStoreConformanceTests() => Directory.CreateDirectory(_directory.Join("store"));

    public void Dispose() => _directory.Dispose();

    private protected override IObjectStore Open() => new FileSystemStore(_directory.Join("store"), PublishWay.Link);
}
