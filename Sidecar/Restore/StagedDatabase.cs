using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using Microsoft.Win32.SafeHandles;

namespace BackupSidecar.Restore;

/// <summary>A database on its way into place: a temporary file in the directory of its target. Its lock tells a running restore from a dead one.</summary>
internal sealed class StagedDatabase : IDisposable
{
    /// <summary>Comes between the name of the database and the id of its restore.</summary>
    public const string Infix = ".restoring-";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle _file;
    private bool _kept;

    private StagedDatabase(string path, SafeFileHandle file)
    {
        Path = path;
        _file = file;
    }

    public string Path { get; }

    public SafeFileHandle File => _file;

    public ulong Inode => FileFacts.Of(_file, Path).Inode;

    /// <summary>Creates the file, and removes those that killed restores of the same target left.</summary>
    /// <exception cref="OperatorException">The directory cannot be written to.</exception>
    public static StagedDatabase Create(string target, string restoreId)
    {
        var directory = System.IO.Path.GetDirectoryName(target)!;
        var path = target + Infix + restoreId;
        try
        {
            SweepDead(directory, System.IO.Path.GetFileName(target));
            var file = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            if (System.IO.File.Exists(target))
            {
                // The swap gives it the old database's permissions. Until then it must not be open to more people than that one.
                System.IO.File.SetUnixFileMode(file, OwnerOnly);
            }

            return new StagedDatabase(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"The restored database cannot be staged at {path}: {e.Message}",
                "The directory of the target must exist and be writable, with room for a second copy of the database.",
                e);
        }
    }

    /// <summary>The file that an earlier process staged and kept, taken over with its lock.</summary>
    /// <param name="path">As <see cref="Path"/> was.</param>
    /// <param name="inode">As <see cref="Inode"/> was.</param>
    /// <returns>Null: it is not there any more, is another file, or somebody else has it.</returns>
    public static StagedDatabase? TryReopen(string path, ulong inode)
    {
        if (FileFacts.Of(path) is not { } facts || facts.Inode != inode || !facts.IsRegularFile)
        {
            return null;
        }

        try
        {
            return new StagedDatabase(path, System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) { _kept = true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Flushes to disk. The file stays open until this is disposed: its lock keeps other restores from sweeping it while SQLite checks it.</summary>
    public void Complete() => RandomAccess.FlushToDisk(_file);

    /// <summary>The file has got another name, or is to outlive this object.</summary>
    public void Keep() => _kept = true;

    /// <summary>The file is not wanted any more.</summary>
    public void Discard() => _kept = false;

    public void Dispose()
    {
        _file.Dispose();
        if (!_kept)
        {
            System.IO.File.Delete(Path);
        }
    }

    private static void SweepDead(string directory, string targetName)
    {
        foreach (var path in Directory.EnumerateFiles(directory, targetName + Infix + "*"))
        {
            try
            {
                System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                System.IO.File.Delete(path);
            }
            catch (IOException)
            {
                // A restore that is still running holds it.
            }
        }
    }
}
