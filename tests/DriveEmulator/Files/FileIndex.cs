using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>All files as they are now, in memory and, one JSON document each, on disk. This is the truth that a get by id answers; lists may lag behind it.</summary>
/// <remarks>A change is made when its document is renamed into place. Changes are made one after the other, under one lock.</remarks>
internal sealed class FileIndex
{
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly FileIds _ids;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, DriveFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _usage = new(StringComparer.Ordinal);

    /// <summary>Ids of deleted files: Drive does not give an id twice.</summary>
    private readonly HashSet<string> _spent = new(StringComparer.Ordinal);

    public FileIndex(string folder, FileIds ids, TimeProvider time)
    {
        _folder = folder;
        _ids = ids;
        _time = time;
        foreach (var file in AtomicFile.ReadAll<DriveFile>(folder))
        {
            Remember(file);
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*.deleted"))
        {
            var id = Path.GetFileNameWithoutExtension(path);
            _spent.Add(id);
            if (_files.Remove(id, out var file))
            {
                // Killed between the two steps of a deletion.
                Count(file, -1);
                File.Delete(PathOf(id));
            }
        }
    }

    /// <summary>Called after every change, in their order and under the lock: the file before and after it, null where there is none.</summary>
    public event Action<DriveFile?, DriveFile?>? Changed;

    public DriveFile? Find(string id)
    {
        lock (_lock)
        {
            return _files.GetValueOrDefault(id);
        }
    }

    /// <summary>Used now or ever before.</summary>
    public bool IsUsed(string id)
    {
        lock (_lock)
        {
            return _files.ContainsKey(id) || _spent.Contains(id);
        }
    }

    public IReadOnlyList<DriveFile> All()
    {
        lock (_lock)
        {
            return [.. _files.Values];
        }
    }

    /// <summary>Bytes that an account has stored, in the trash as well.</summary>
    public long UsageOf(string account)
    {
        lock (_lock)
        {
            return _usage.GetValueOrDefault(account);
        }
    }

    /// <summary>The folder "My Drive" of an account, made when it is first asked for.</summary>
    public DriveFile RootOf(string account)
    {
        var id = _ids.ForRoot(account);
        lock (_lock)
        {
            return _files.GetValueOrDefault(id) ?? Create_NeedsLock(new DriveFile
            {
                Id = id,
                Name = "My Drive",
                MimeType = DriveFile.FolderType,
                Owner = account,
                CreatedBy = "",
                Created = _time.GetUtcNow(),
                Modified = _time.GetUtcNow(),
            });
        }
    }

    /// <exception cref="DriveException">409: the id is taken.</exception>
    public DriveFile Create(DriveFile file)
    {
        lock (_lock)
        {
            return _files.ContainsKey(file.Id) || _spent.Contains(file.Id) ? throw DriveException.IdInUse() : Create_NeedsLock(file);
        }
    }

    /// <summary>Nothing happens where the change answers the same value.</summary>
    /// <exception cref="DriveException">404: there is no such file, any more.</exception>
    public DriveFile Update(string id, Func<DriveFile, DriveFile> change)
    {
        lock (_lock)
        {
            var before = _files.GetValueOrDefault(id) ?? throw DriveException.NotFound(id);
            var after = change(before);
            if (ReferenceEquals(before, after))
            {
                return before;
            }

            after = after with { Version = before.Version + 1 };
            AtomicFile.WriteJson(PathOf(id), after);
            Count(before, -1);
            Remember(after);
            Changed?.Invoke(before, after);
            return after;
        }
    }

    /// <summary>With all that is in it, if it is a folder.</summary>
    /// <returns>What is gone; nothing if it was not there.</returns>
    public IReadOnlyList<DriveFile> Delete(string id)
    {
        lock (_lock)
        {
            var gone = new List<DriveFile>();
            if (_files.TryGetValue(id, out var file))
            {
                Delete_NeedsLock(file, gone);
            }

            return gone;
        }
    }

    /// <summary>The folders that hold a file, from the nearest to the root.</summary>
    public IEnumerable<DriveFile> FoldersAbove(DriveFile file)
    {
        for (var folder = file.ParentId is { } id ? Find(id) : null; folder is not null; folder = folder.ParentId is { } next ? Find(next) : null)
        {
            yield return folder;
        }
    }

    public bool IsTrashed(DriveFile file) => file.IsTrashed || FoldersAbove(file).Any(folder => folder.IsTrashed);

    private DriveFile Create_NeedsLock(DriveFile file)
    {
        AtomicFile.WriteJson(PathOf(file.Id), file);
        Remember(file);
        Changed?.Invoke(null, file);
        return file;
    }

    private void Delete_NeedsLock(DriveFile file, List<DriveFile> gone)
    {
        if (file.IsFolder)
        {
            foreach (var child in _files.Values.Where(other => other.ParentId == file.Id).ToList())
            {
                Delete_NeedsLock(child, gone);
            }
        }

        File.WriteAllBytes(Path.Combine(_folder, file.Id + ".deleted"), []);
        File.Delete(PathOf(file.Id));
        _files.Remove(file.Id);
        _spent.Add(file.Id);
        Count(file, -1);
        gone.Add(file);
        Changed?.Invoke(file, null);
    }

    private void Remember(DriveFile file)
    {
        _files[file.Id] = file;
        Count(file, 1);
    }

    private void Count(DriveFile file, int sign)
    {
        if (file.Owner is { } owner)
        {
            _usage[owner] = _usage.GetValueOrDefault(owner) + (sign * file.Size);
        }
    }

    private string PathOf(string id) => Path.Combine(_folder, id + ".json");
}
