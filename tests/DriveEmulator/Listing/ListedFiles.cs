using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>The files as lists show them, which may be late, disordered and wrong.</summary>
/// <remarks>What is late is kept in memory: after a restart lists show the truth.</remarks>
internal sealed class ListedFiles
{
    private readonly Lock _lock = new();
    private readonly FileIndex _files;
    private readonly FileIds _ids;
    private readonly EmulatorClock _clock;
    private readonly Dictionary<string, LaggingFile> _lagging = new(StringComparer.Ordinal);
    private ListingBehaviour _behaviour = new();
    private Random _random = new(0);
    private long _lists;

    public ListedFiles(FileIndex files, FileIds ids, EmulatorClock clock)
    {
        _files = files;
        _ids = ids;
        _clock = clock;
        files.Changed += OnChanged;
    }

    /// <exception cref="ArgumentException">A member is out of range; the old behaviour stays.</exception>
    public ListingBehaviour Behaviour
    {
        get
        {
            lock (_lock)
            {
                return _behaviour;
            }
        }

        set
        {
            value.Validate();
            lock (_lock)
            {
                _behaviour = value;
                _random = new Random(value.Seed);
            }
        }
    }

    /// <summary>All entries of a new list.</summary>
    public List<DriveFile> Select(Func<DriveFile, bool> matches, ListOrder order)
    {
        // Before the lock: changes come here while the index holds its own.
        var truth = _files.All();
        List<DriveFile> shown;
        lock (_lock)
        {
            _lists++;
            Settle_NeedsLock();
            shown = [.. truth.Where(file => !_lagging.ContainsKey(file.Id)), .. _lagging.Values.Select(file => file.Shown).OfType<DriveFile>()];
        }

        var entries = shown.Where(matches).ToList();
        entries.Sort(order);
        lock (_lock)
        {
            Distort_NeedsLock(entries);
        }

        return entries;
    }

    /// <summary>How many entries the next page has; 0 before more entries: an empty page with a token.</summary>
    public int CountOfPage(ListPage page, int pageSize)
    {
        var left = page.Entries.Count - page.Next;
        lock (_lock)
        {
            return left > 0 && !page.WasEmpty && _behaviour.EmptyPages > 0 && _random.NextDouble() < _behaviour.EmptyPages ? 0 : Math.Min(pageSize, left);
        }
    }

    private void OnChanged(DriveFile? before, DriveFile? after)
    {
        lock (_lock)
        {
            var id = (after ?? before)!.Id;
            if (!_lagging.TryGetValue(id, out var file))
            {
                if (_behaviour is { LagSeconds: 0, LagLists: 0 })
                {
                    return;
                }

                _lagging[id] = file = new LaggingFile(before);
            }

            file.Add(after, _clock.GetUtcNow() + TimeSpan.FromSeconds(_behaviour.LagSeconds), _lists + _behaviour.LagLists + 1);
        }
    }

    private void Settle_NeedsLock()
    {
        foreach (var (id, file) in _lagging.ToList())
        {
            file.Settle(_clock.GetUtcNow(), _lists);
            if (file.IsSettled)
            {
                _lagging.Remove(id);
            }
        }
    }

    private void Distort_NeedsLock(List<DriveFile> entries)
    {
        if (_behaviour.Missing > 0)
        {
            entries.RemoveAll(_ => _random.NextDouble() < _behaviour.Missing);
        }

        if (entries.Count > 0)
        {
            for (var count = 0; count < _behaviour.Phantoms; count++)
            {
                entries.Insert(_random.Next(entries.Count + 1), entries[_random.Next(entries.Count)] with { Id = _ids.Next() });
            }
        }

        if (_behaviour.Disorder)
        {
            _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(entries));
        }

        if (_behaviour.Repeated > 0)
        {
            foreach (var entry in entries.ToList().Where(_ => _random.NextDouble() < _behaviour.Repeated))
            {
                entries.Insert(_random.Next(entries.IndexOf(entry) + 1, entries.Count + 1), entry);
            }
        }
    }
}
