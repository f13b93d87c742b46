using BackupSidecar.Primitives;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>Small files that nobody but their owner may read: tokens, and the journal of uploads.</summary>
internal static class PrivateFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Replaces the file whole. Returns when its content is on the disk; a power loss may bring the old one back, never half of one.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, UnixCreateMode = OwnerOnly, BufferSize = 0 }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new StoreException(FailureKind.Failed, $"Cannot write {path}: {e.Message}", "Check the free space and the permissions of its directory.", e);
        }
    }

    public static void CreateDirectory(string path)
    {
        try
        {
            _ = Directory.CreateDirectory(path, OwnerDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(FailureKind.Failed, $"Cannot create the directory {path}: {e.Message}", "Check the free space and the permissions of the directory above.", e);
        }
    }

    /// <summary>True if others may read it than must be able to.</summary>
    public static bool IsOpenToOthers(string path) =>
        LibC.OwnerOf(path) is { } owner && SecretFileAccess.IsOpenToOthers(File.GetUnixFileMode(path), owner, LibC.UserId());
}
