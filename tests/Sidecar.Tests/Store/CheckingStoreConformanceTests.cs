using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;

namespace BackupSidecar.Tests.Store;

/// <summary>As on a file system that can neither rename without replacing nor link.</summary>
public sealed class CheckingStoreConformanceTests : ObjectStoreConformance, IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public CheckingStoreConformanceTests() => Directory.CreateDirectory(_directory.Join("store"));

    public void Dispose() => _directory.Dispose();

    private protected override IObjectStore Open() => new FileSystemStore(_directory.Join("store"), PublishWay.CheckThenRename);
}
