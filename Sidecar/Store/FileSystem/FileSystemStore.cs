using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.FileSystem;

/// <summary>A store in a directory: an object is a file, a segment of its name a directory.</summary>
/// <remarks>
/// A writer that took the lock writes only while its lock file is in its place.
/// Only <see cref="StageAsync"/> and <see cref="LockForWritingAsync"/> create the root directory, the staging directory or the lock
/// file; the constructor does no I/O, and reading creates nothing. An object is written to <c>.staging</c>, flushed, and renamed without
/// replacing; names that start with a dot are no object names, so none of our own files is ever listed.
/// Directories are created with mode 0700, files with 0600.
/// </remarks>
internal sealed class FileSystemStore : IObjectStore, ILeaseStore
{
    private const string StagingDirectoryName = ".staging";
    private const string LockFileName = ".lock";

    /// <summary>What a copy holds in memory.</summary>
    private const int PutPieceBytes = 1 << 20;

    /// <summary>What a new, empty volume may hold without being somebody's directory.</summary>
    private static readonly string[] VolumeFurniture = ["lost+found", ".snapshot", ".snapshots", ".zfs", ".Trash-0"];

    private readonly string _root;
    private readonly FileSystemErrors _errors;
    private readonly DurableDirectories _directories;
    private readonly PublishWay _firstWay;
    private readonly FileSystemLeases _leases;
    private volatile FileSystemLock? _lock;

    public FileSystemStore(string rootDirectory)
        : this(rootDirectory, PublishWay.RenameWithoutReplacing)
    {
    }

    /// <param name="rootDirectory">Need not exist.</param>
    /// <param name="firstWay">Passes over the better ways, as if the file system refused them.</param>
    internal FileSystemStore(string rootDirectory, PublishWay firstWay)
    {
        _firstWay = firstWay;
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(rootDirectory));
        _errors = new FileSystemErrors(_root);
        _directories = new DurableDirectories(_root, _errors);
        _leases = new FileSystemLeases(_root, _directories, _errors, Stage);
    }

    public string Location => _root;

    private string StagingDirectory => Path.Join(_root, StagingDirectoryName);

    public ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IStagedObject>(Stage(name, PathOf(name)));
    }

    private FileSystemStagedObject Stage(ObjectName name, string targetPath)
    {
        EnsureLockInPlace();
        _directories.CreateRoot();
        _directories.Create(StagingDirectory);
        var path = Path.Join(StagingDirectory, RandomNumberGenerator.GetHexString(32, lowercase: true));
        var error = LibC.Open(path, LibC.OpenWriteOnly | LibC.OpenCreate | LibC.OpenExclusive, out var file);

        // The lock tells a sweep that the writer lives. Where files cannot be locked, neither can the store, and nothing is swept.
        _ = error == 0 ? LibC.TryLock(file) : 0;
        if (error != 0)
        {
            file.Dispose();
            throw _errors.Of(error, "write", name.ToString());
        }

        var content = new StagedFileStream(file, name.ToString(), _errors);
        return new FileSystemStagedObject(name, path, targetPath, content, _directories, _errors, _root, _firstWay);
    }

    public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct)
    {
        await using var staged = await StageAsync(name, ct);
        var piece = new byte[Math.Min(PutPieceBytes, content.Length)];
        for (var offset = 0L; offset < content.Length; offset += piece.Length)
        {
            var part = piece.AsMemory(0, (int)Math.Min(piece.Length, content.Length - offset));
            await content.ReadAsync(offset, part, ct);
            await staged.Content.WriteAsync(part, ct);
        }

        await staged.PublishAsync(ct);
    }

    public ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(name);
        var error = LibC.Open(path, LibC.OpenReadOnly | LibC.OpenNonBlocking, out var file);
        try
        {
            if (error is Errno.NoEntry or Errno.NotDirectory || (error == 0 && Directory.Exists(path)))
            {
                ThrowIfRootUnreadable();
                throw new ObjectMissingException(name, _root);
            }

            if (error != 0)
            {
                throw _errors.Of(error, "open", name.ToString());
            }

            return ValueTask.FromResult<IStoredObject>(new FileSystemStoredObject(name, file, RandomAccess.GetLength(file), _root, _errors));
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e) || e is NotSupportedException)
        {
            file.Dispose();
            throw _errors.Of(e, "open", name.ToString());
        }
        catch (StoreException)
        {
            file.Dispose();
            throw;
        }
    }

    public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        ThrowIfRootUnreadable();
        await Task.CompletedTask;
        foreach (var listing in ListDirectory(prefix[..(prefix.LastIndexOf('/') + 1)], prefix))
        {
            ct.ThrowIfCancellationRequested();
            yield return listing;
        }
    }

    public ValueTask<string?> FindForeignAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ThrowIfRootUnreadable();
        return ValueTask.FromResult(FindForeign(""));
    }

    public ValueTask DeleteAsync(ObjectName name, CancellationToken ct) => DeleteAllAsync([name], ct);

    public ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct)
    {
        EnsureLockInPlace();
        var changed = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var name in names)
            {
                ct.ThrowIfCancellationRequested();
                var path = PathOf(name);
                var error = LibC.Unlink(path);
                if (error == 0)
                {
                    _ = changed.Add(Path.GetDirectoryName(path)!);
                }
                else if (error is not (Errno.NoEntry or Errno.NotDirectory or Errno.IsDirectory))
                {
                    throw _errors.Of(error, "delete", name.ToString());
                }
            }
        }
        finally
        {
            // What is deleted next may be what these objects point to: the order must survive a power loss.
            foreach (var directory in changed)
            {
                _directories.Flush(directory);
            }
        }

        if (changed.Count == 0)
        {
            ThrowIfRootUnreadable();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>Also removes what dead processes left in the staging directory.</remarks>
    public ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        _directories.CreateRoot();
        var taken = FileSystemLock.Take(Path.Join(_root, LockFileName), holder, _root, _errors);
        SweepStaging();
        _lock = taken;
        return ValueTask.FromResult<IAsyncDisposable>(taken);
    }

    public async ValueTask<StoredLease?> FindNewestAsync(CancellationToken ct)
    {
        ThrowIfRootUnreadable();
        return await _leases.FindNewestAsync(ct);
    }

    public ValueTask<StoredLease?> TryCreateAsync(StoredLease? newest, ReadOnlyMemory<byte> content, CancellationToken ct) => _leases.TryCreateAsync(newest, content, ct);

    /// <inheritdoc/>
    /// <remarks>A lease takes over by being there.</remarks>
    public ValueTask ContinueAsync(StoredLease lease, CancellationToken ct) => ValueTask.CompletedTask;

    public ValueTask<bool> AnnounceAsync(StoredLease lease, ReadOnlyMemory<byte> announcement, CancellationToken ct) => _leases.AnnounceAsync(lease, announcement, ct);

    public ValueTask<byte[]?> ReadAnnouncementAsync(StoredLease lease, CancellationToken ct) => _leases.ReadAnnouncementAsync(lease, ct);

    /// <summary>A long-running writer must not make a second, headless repository where its own was removed or its volume unmounted.</summary>
    private void EnsureLockInPlace()
    {
        if (_lock is { IsReleased: false, IsInPlace: false })
        {
            throw _errors.RootReplaced();
        }
    }

    private string PathOf(ObjectName name) => Path.Join(_root, name.ToString());

    /// <param name="directory">Empty, or the names' part up to and with a slash.</param>
    /// <param name="prefix">What the names must start with.</param>
    private IEnumerable<ObjectListing> ListDirectory(string directory, string prefix)
    {
        // A directory sorts by its name and the slash that follows, so that whole names come in ordinal order.
        var entries = Enumerate(Path.Join(_root, directory))
            .Select(entry => entry with { Name = directory + entry.Name + (entry.IsDirectory ? "/" : "") })
            .Where(entry => entry.Name.StartsWith(prefix, StringComparison.Ordinal) || (entry.IsDirectory && prefix.StartsWith(entry.Name, StringComparison.Ordinal)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!entry.IsDirectory)
            {
                if (ObjectName.TryParse(entry.Name, out var name) && TryGetLength(name, entry, out var length))
                {
                    yield return new ObjectListing(name, length);
                }

                continue;
            }

            if (!ObjectName.TryParse(entry.Name[..^1], out _))
            {
                continue;
            }

            if (entry.IsLink)
            {
                throw new StoreException(
                    FailureKind.Failed,
                    $"'{entry.Name}' in {_root} is a symbolic link to a directory, and a listing does not follow it.",
                    "Move the whole repository and link or mount its root directory instead, or remove the link if it does not belong here.");
            }

            foreach (var listing in ListDirectory(entry.Name, prefix))
            {
                yield return listing;
            }
        }
    }

    /// <summary>False if the file is gone since its name was read, or is a link that leads nowhere.</summary>
    private bool TryGetLength(ObjectName name, Entry entry, out long length)
    {
        length = entry.Length;
        var path = PathOf(name);
        if (!entry.IsLink)
        {
            return length > 0 || File.Exists(path);
        }

        // The entry of a link has the length of the link.
        var error = LibC.Open(path, LibC.OpenReadOnly | LibC.OpenNonBlocking, out var file);
        using (file)
        {
            length = error == 0 ? RandomAccess.GetLength(file) : 0;
        }

        return error != Errno.NoEntry;
    }

    /// <param name="directory">Empty, or the names' part up to and with a slash.</param>
    private string? FindForeign(string directory)
    {
        foreach (var entry in Enumerate(Path.Join(_root, directory)).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (directory.Length == 0 && (entry.Name is StagingDirectoryName or LockFileName or FileSystemLeases.DirectoryName || VolumeFurniture.Contains(entry.Name)))
            {
                continue;
            }

            var name = directory + entry.Name;
            if (!ObjectName.TryParse(name, out _) || entry is { IsDirectory: true, IsLink: true })
            {
                return name;
            }

            if (entry.IsDirectory && FindForeign(name + "/") is { } inside)
            {
                return inside;
            }
        }

        return null;
    }

    /// <summary>A directory's entries, in no order; none if it does not exist.</summary>
    private List<Entry> Enumerate(string directory)
    {
        try
        {
            var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };
            return [.. new FileSystemEnumerable<Entry>(directory, static (ref FileSystemEntry e) => Entry.Of(ref e), options)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (FileSystemErrors.IsFileError(e))
        {
            throw _errors.Of(e, "list", directory);
        }
    }

    private void ThrowIfRootUnreadable()
    {
        var error = LibC.Open(_root, LibC.OpenReadOnly | LibC.OpenNonBlocking, out var handle);
        handle.Dispose();
        switch (error)
        {
            case 0 when Directory.Exists(_root):
                return;
            case 0 or Errno.NotDirectory:
                throw _errors.RootNotDirectory();
            case Errno.NoEntry:
                throw _errors.RootMissing();
            default:
                throw _errors.RootUnreadable(error);
        }
    }

    private void SweepStaging()
    {
        foreach (var entry in Enumerate(StagingDirectory))
        {
            var path = Path.Join(StagingDirectory, entry.Name);
            var error = LibC.Open(path, LibC.OpenReadOnly | LibC.OpenNonBlocking, out var file);
            using (file)
            {
                if (error == 0 && LibC.TryLock(file) == 0)
                {
                    // One that cannot be removed costs space and nothing else; the next sweep tries again.
                    _ = LibC.Unlink(path);
                }
            }
        }
    }

    private readonly record struct Entry(string Name, bool IsDirectory, bool IsLink, long Length)
    {
        public static Entry Of(ref FileSystemEntry entry) => new(
            entry.FileName.ToString(),
            entry.IsDirectory,
            entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            entry.IsDirectory ? 0 : entry.Length);
    }
}
