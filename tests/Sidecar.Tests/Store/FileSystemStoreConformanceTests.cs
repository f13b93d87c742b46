using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Testing.Store;

namespace BackupSidecar.Tests.Store;

public sealed class FileSystemStoreConformanceTests : ObjectStoreConformance, IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public FileSystemStoreConformanceTests()
    {
        // Every listing of a fresh store needs its root; the missing root has tests of its own.
        Directory.CreateDirectory(_directory.Join("store"));
    }

    public void Dispose() => _directory.Dispose();

    private protected override IObjectStore Open() => new FileSystemStore(_directory.Join("store"));
}
