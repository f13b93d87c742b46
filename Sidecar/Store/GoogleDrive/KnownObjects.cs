namespace BackupSidecar.Store.GoogleDrive;

/// <summary>What this process knows of the folder by its own puts and deletes, by those of the processes before it, and by listings: ids by names, so that a lagging listing cannot hide what was put nor bring back what was deleted.</summary>
internal sealed class KnownObjects(RecentObjects recent, TimeProvider time)
{
    /// <summary>
    /// Names, and ids of deleted files, some 300 bytes each. Past it the oldest are forgotten: then an object is looked for by name again, which costs a listing,
    /// and only a listing that lags for as long as that many puts take could hide one.
    /// </summary>
    private const int CountMax = 50_000;

    private static readonly TimeSpan JustPutMax = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _objects = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly Queue<string> _deletedOrder = [];
    private (string Name, long At) _lastPut = ("", 0);

    public IReadOnlyList<KnownFile> Find(string name)
    {
        lock (_gate)
        {
            return _objects.TryGetValue(name, out var entry) ? entry.Files : [];
        }
    }

    /// <summary>What this process put and a listing of that prefix ought to show.</summary>
    public IReadOnlyList<(string Name, KnownFile File)> OwnBelow(string prefix)
    {
        lock (_gate)
        {
            return [.. _objects.Where(pair => pair.Value.IsOwn && pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => (pair.Key, pair.Value.Files[0]))];
        }
    }

    public bool IsDeleted(string id)
    {
        lock (_gate)
        {
            return _deleted.Contains(id);
        }
    }

    public void AddOwn(string name, KnownFile file)
    {
        Set(name, new Entry([file], IsOwn: true));
        lock (_gate)
        {
            _lastPut = (name, time.GetTimestamp());
        }

        recent.Put(name, file);
    }

    /// <returns>The file, if it is what this process put last, and less than a minute ago: Drive has just said what there is to say of it. Otherwise null.</returns>
    public KnownFile? FindJustPut(string name)
    {
        lock (_gate)
        {
            return _lastPut.Name == name && time.GetElapsedTime(_lastPut.At) < JustPutMax && _objects.TryGetValue(name, out var entry) ? entry.Files[0] : null;
        }
    }

    /// <summary>Takes over what the processes before it knew; for a writer, who has the lock.</summary>
    public void Remember() => recent.Read((name, file) => Set(name, new Entry([file], IsOwn: true)), (name, id) => Forget(name, [id]));

    /// <summary>What a listing showed. Of an own object only more files become known.</summary>
    public void AddListed(string name, IReadOnlyList<KnownFile> files)
    {
        var isOwn = Find(name) is [var known, ..] && IsOwn(name) && files.Any(file => file.Id == known.Id);
        Set(name, new Entry(files, isOwn));
    }

    /// <summary>A listing showed an own object: from now on listings are believed of it.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            _ = _objects.Remove(name);
        }
    }

    public void Deleted(string name, IReadOnlyList<string> ids)
    {
        Forget(name, ids);
        recent.Deleted(name, ids);
    }

    private void Forget(string name, IReadOnlyList<string> ids)
    {
        lock (_gate)
        {
            _ = _objects.Remove(name);
            foreach (var id in ids)
            {
                if (_deleted.Add(id))
                {
                    _deletedOrder.Enqueue(id);
                }
            }

            while (_deletedOrder.Count > CountMax)
            {
                _ = _deleted.Remove(_deletedOrder.Dequeue());
            }
        }
    }

    private bool IsOwn(string name)
    {
        lock (_gate)
        {
            return _objects.TryGetValue(name, out var entry) && entry.IsOwn;
        }
    }

    private void Set(string name, Entry entry)
    {
        lock (_gate)
        {
            if (!_objects.ContainsKey(name))
            {
                _order.Enqueue(name);
            }

            _objects[name] = entry;
            while (_order.Count > CountMax)
            {
                _ = _objects.Remove(_order.Dequeue());
            }
        }
    }

    private readonly record struct Entry(IReadOnlyList<KnownFile> Files, bool IsOwn);
}
