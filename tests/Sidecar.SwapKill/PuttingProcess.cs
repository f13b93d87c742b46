using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.SwapKill;

/// <summary>Puts a file into a folder of Drive, to be killed while it does.</summary>
internal static class PuttingProcess
{
    private const int ChunkBytes = 256 << 10;

    public static async Task<int> RunAsync(string root, string folder, string state, string name, string path)
    {
        using var accounts = new DriveAccounts(TimeProvider.System, _ => "any");
        var options = new DriveStoreOptions
        {
            FolderId = folder,
            Credential = new DriveCredentialOptions { Kind = DriveCredentialKind.AccessToken, Variable = "TOKEN" },
            StateDirectory = state,
            RootUri = new Uri(root),
            ChunkBytes = ChunkBytes,
            OneRequestBytesMax = ChunkBytes,
            Retry = new DriveRetryOptions { Delay = TimeSpan.FromMilliseconds(10), DelayMax = TimeSpan.FromMilliseconds(100) },
        };
        using var store = DriveStore.Open(options, accounts, TimeProvider.System);
        await using var held = await store.LockForWritingAsync("a process of a test", CancellationToken.None);
        await using var content = await new FileSystemStore(Path.GetDirectoryName(path)!).OpenAsync(ObjectName.Parse(Path.GetFileName(path)), CancellationToken.None);
        await store.PutAsync(ObjectName.Parse(name), content, CancellationToken.None);
        return 0;
    }
}
