namespace BackupSidecar.Testing.Store;

/// <summary>A directory of its own for a test, removed with it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("backup-sidecar-test-").FullName;

    public string Join(string name) => Path.Join(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
