using BackupSidecar.Primitives;

namespace BackupSidecar.Store.FileSystem;

/// <summary>A file in the staging directory. It is locked while its process lives, so that a sweep knows what a dead one left behind.</summary>
internal sealed class FileSystemStagedObject(
    ObjectName name,
    string stagedPath,
    string targetPath,
    StagedFileStream content,
    DurableDirectories directories,
    FileSystemErrors errors,
    string location,
    PublishWay firstWay) : IStagedObject
{
    /// <summary>Where the file system can neither rename without replacing nor link: one process at least never races with itself.</summary>
    private static readonly Lock CheckAndRename = new();

    private bool _publishing;
    private bool _published;
    private bool _closed;

    public Stream Content => content;

    public async ValueTask PublishAsync(CancellationToken ct)
    {
        if (_publishing || _closed || !content.CanWrite)
        {
            throw new InvalidOperationException($"'{name}' was published or closed before; an object is published once.");
        }

        ct.ThrowIfCancellationRequested();

        // Also after a failure there is no second try: a flush after one that failed succeeds without having written the lost pages.
        _publishing = true;

        // Flushing waits for the disk. From here on there is no way back by cancellation: the outcome would be unknown.
        await Task.Run(Publish, CancellationToken.None);
    }

    /// <summary>As <see cref="PublishAsync"/>, but in the place of what has the name: for the little that is not an object.</summary>
    public async ValueTask ReplaceAsync()
    {
        _publishing = true;
        await Task.Run(Replace, CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        if (_closed)
        {
            return ValueTask.CompletedTask;
        }

        _closed = true;

        // Removed before it is closed: while it is open its lock keeps a sweep away. What cannot be removed is left to the next sweep.
        if (!_published)
        {
            _ = LibC.Unlink(stagedPath);
        }

        content.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Publish()
    {
        ThrowOn(LibC.Sync(content.File), "flush");
        var directory = Path.GetDirectoryName(targetPath)!;
        directories.Create(directory);
        var error = MoveWithoutReplacing();
        if (error == Errno.Exists)
        {
            throw new ObjectExistsException(name, location);
        }

        ThrowOn(error, "publish");
        _published = true;
        directories.Flush(directory);
    }

    private void Replace()
    {
        ThrowOn(LibC.Sync(content.File), "flush");
        var directory = Path.GetDirectoryName(targetPath)!;
        directories.Create(directory);
        try
        {
            File.Move(stagedPath, targetPath, overwrite: true);
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            throw errors.Of(e, "publish", name.ToString());
        }

        _published = true;
        directories.Flush(directory);
    }

    private int MoveWithoutReplacing()
    {
        if (firstWay <= PublishWay.RenameWithoutReplacing)
        {
            var error = LibC.RenameWithoutReplacing(stagedPath, targetPath);
            if (error is not (Errno.Invalid or Errno.NotImplemented or Errno.NotSupported))
            {
                return error;
            }
        }

        if (firstWay <= PublishWay.Link)
        {
            var error = LibC.Link(stagedPath, targetPath);
            if (error == 0)
            {
                // The object is whole under its name. A second name that cannot be removed is litter for the next sweep.
                _ = LibC.Unlink(stagedPath);
            }

            if (error is not (Errno.NotPermitted or Errno.NotSupported or Errno.NotImplemented))
            {
                return error;
            }
        }

        return CheckThenRename();
    }

    private int CheckThenRename()
    {
        lock (CheckAndRename)
        {
            if (Path.Exists(targetPath))
            {
                return Errno.Exists;
            }

            try
            {
                File.Move(stagedPath, targetPath, overwrite: false);
                return 0;
            }
            catch (Exception e) when (FileSystemErrors.IsFileError(e))
            {
                throw errors.Of(e, "publish", name.ToString());
            }
        }
    }

    private void ThrowOn(int error, string step)
    {
        if (error != 0)
        {
            throw errors.Of(error, step, name.ToString());
        }
    }
}
