using System.Runtime.InteropServices;
using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>Where a database lies, and which file that path meant when it was resolved. Asks by path only; never opens anything.</summary>
internal sealed class SourceFile
{
    public const string WalSuffix = "-wal";
    public const string ShmSuffix = "-shm";
    public const string JournalSuffix = "-journal";

    private SourceFile(string path, FileIdentity identity)
    {
        Path = path;
        Identity = identity;
    }

    /// <summary>Absolute, symbolic links resolved: SQLite puts the -wal beside the real file.</summary>
    public string Path { get; }

    public FileIdentity Identity { get; }

    public bool HasWal => FileIdentity.TryGet(Path + WalSuffix, out _);

    public bool HasShm => FileIdentity.TryGet(Path + ShmSuffix, out _);

    /// <exception cref="OperatorException">Nothing is there, it is no regular file, it is mounted alone, or its directory cannot be searched.</exception>
    public static SourceFile Resolve(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var real = RealPath(full);
        if (!FileIdentity.TryGet(real, out var identity))
        {
            throw SourceErrors.Missing(path);
        }

        if (!identity.IsRegularFile)
        {
            throw SourceErrors.NotAFile(path);
        }

        if (identity.IsMountedAlone)
        {
            throw SourceErrors.MountedAlone(path);
        }

        return new SourceFile(real, identity);
    }

    /// <summary>What whoever relies on a backup of it should know: a sentence each.</summary>
    public IEnumerable<string> Warnings()
    {
        if (FileSystemWarning.For(Path) is { } fileSystem)
        {
            yield return fileSystem;
        }

        if (Identity.LinkCount > 1)
        {
            yield return $"{Path} is one of {Identity.LinkCount} names of the same file (hard links; find -samefile shows them): let every app use this one, since SQLite keeps its log beside the name that it was given.";
        }
    }

    /// <exception cref="ImageChangedException">The path names another file by now, or none.</exception>
    public void EnsureSameFile()
    {
        if (!FileIdentity.TryGet(Path, out var now))
        {
            throw new ImageChangedException("the file was deleted while it was read");
        }

        if (!now.IsSameFileAs(Identity))
        {
            throw new ImageChangedException("the file was replaced while it was read");
        }
    }

    private static string RealPath(string path)
    {
        try
        {
            var resolved = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
            var directory = System.IO.Path.GetDirectoryName(resolved)!;
            return System.IO.Path.Join(RealDirectory(directory), System.IO.Path.GetFileName(resolved));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SourceErrors.Missing(path);
        }
        catch (IOException e)
        {
            throw new OperatorException(FailureKind.Failed, $"The path {path} cannot be resolved: {e.Message}", "Look for a symbolic link that points to itself or to nothing.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw AccessRefusal.Find(path) ?? NoAccess(path, e);
        }
    }

    private static string RealDirectory(string directory)
    {
        var buffer = NativeFile.RealPath(directory);
        return buffer ?? directory;
    }

    private static OperatorException NoAccess(string path, Exception e) => new(
        FailureKind.Failed, $"{path} cannot be reached: {e.Message}", "The sidecar needs permission to search every directory on the way; run it under the app's uid or a common group.", e);
}
