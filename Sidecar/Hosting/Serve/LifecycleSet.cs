using BackupSidecar.Following;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The lifecycles of the sources of a running serve, by name.</summary>
/// <param name="create">Makes one for a source and its capture.</param>
/// <param name="capture">Gives that capture.</param>
internal sealed class LifecycleSet(Func<SourceDefinition, IFollowedDatabase, SourceLifecycle> create, Func<string, IFollowedDatabase> capture)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>What begins in the place of another, or ends.</summary>
    private readonly List<Task> _changing = [];

    public SourceLifecycle? Find(string source)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(source)?.Lifecycle;
        }
    }

    /// <summary>Makes what is new, and ends what is gone or lies elsewhere now.</summary>
    /// <param name="wanted">The sources.</param>
    /// <param name="problems">Told of each whose database cannot be looked at: it has no lifecycle until the next call.</param>
    public void Apply(IReadOnlyList<SourceDefinition> wanted, Action<string> problems)
    {
        lock (_gate)
        {
            var fitting = wanted.Where(definition => _entries.GetValueOrDefault(definition.Name)?.Fits(definition) ?? false).Select(definition => definition.Name).ToHashSet(StringComparer.Ordinal);
            var ended = _entries.Where(pair => !fitting.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
            foreach (var name in ended.Keys)
            {
                _ = _entries.Remove(name);
            }

            _ = _changing.RemoveAll(change => change.IsCompleted);
            foreach (var definition in wanted.Where(definition => !fitting.Contains(definition.Name)))
            {
                try
                {
                    var lifecycle = create(definition, capture(definition.Name));
                    _entries[definition.Name] = new Entry(definition.Path, definition.StartEmpty, lifecycle);
                    _ = ended.Remove(definition.Name, out var former);
                    _changing.Add(Task.Run(() => lifecycle.BeginAsync(former?.Lifecycle)));
                }
                catch (OperatorException e)
                {
                    problems($"{definition.Path} cannot be prepared for its app, nor restored with it: {e.Message}");
                }
            }

            _changing.AddRange(ended.Values.Select(entry => entry.Lifecycle.DisposeAsync().AsTask()));
        }
    }

    /// <summary>When no call goes on any more.</summary>
    public async Task EndAsync()
    {
        List<Task> ends;
        lock (_gate)
        {
            ends = [.. _changing, .. _entries.Values.Select(entry => entry.Lifecycle.DisposeAsync().AsTask())];
            _entries.Clear();
        }

        await Task.WhenAll(ends);
    }

    private sealed record Entry(string Path, bool StartEmpty, SourceLifecycle Lifecycle)
    {
        public bool Fits(SourceDefinition definition) => Path == definition.Path && StartEmpty == definition.StartEmpty;
    }
}
