using System.Collections.Concurrent;

namespace BackupSidecar.Store.FileSystem;

/// <summary>Creates directories so that they survive a power loss, and flushes what was renamed into them.</summary>
/// <remarks>
/// A directory's entry is durable only after its parent was flushed. That somebody else created it proves nothing, so the first use
/// of each directory flushes its parent even if it exists; the set below makes that once per store and directory.
/// </remarks>
internal sealed class DurableDirectories(string root, FileSystemErrors errors)
{
    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);

    /// <summary>Creates the root with all its missing parents.</summary>
    public void CreateRoot()
    {
        if (File.Exists(root))
        {
            throw errors.RootNotDirectory();
        }

        CreateWithParents(root);
    }

    /// <summary>Creates a directory below the root, whose own parents below the root may be missing too.</summary>
    public void Create(string directory)
    {
        if (directory.Length <= root.Length)
        {
            return;
        }

        Create(ParentOf(directory));
        var error = LibC.MakeDirectory(directory);
        if (error is not (0 or Errno.Exists))
        {
            throw errors.Of(error, "create", directory);
        }

        if (error == 0 || !_durable.ContainsKey(directory))
        {
            Flush(ParentOf(directory));
            _durable[directory] = true;
        }
    }

    public void Flush(string directory)
    {
        var error = LibC.Open(directory, LibC.OpenReadOnly, out var handle);
        using (handle)
        {
            if (error == 0)
            {
                error = LibC.Sync(handle);
            }
        }

        // Some network and FUSE file systems cannot flush a directory; there is nothing better to do there, and SQLite does the same.
        if (error is not (0 or Errno.Invalid or Errno.NotSupported or Errno.NotImplemented))
        {
            throw errors.Of(error, "flush", directory);
        }
    }

    private void CreateWithParents(string directory)
    {
        if (Directory.Exists(directory))
        {
            return;
        }

        var parent = ParentOf(directory);
        if (parent != directory)
        {
            CreateWithParents(parent);
        }

        var error = LibC.MakeDirectory(directory);

        // "Exists" is another process that was faster, or a symbolic link that leads nowhere.
        if (error != 0 && !(error == Errno.Exists && Directory.Exists(directory)))
        {
            throw errors.Of(error, "create", directory);
        }

        Flush(parent);
    }

    private static string ParentOf(string path) => Path.GetDirectoryName(path) ?? "/";
}
