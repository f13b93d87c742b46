using BackupSidecar.Following;
using BackupSidecar.Lifecycle;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The lifecycles of the sources of a running serve, by name.</summary>
/// <param name="create">Makes one for a source and its capture.</param>
/// <param name="capture">Gives that capture.</param>
internal sealed class LifecycleSet(Func<SourceDefinition, IFollowedDatabase, SourceLifecycle> create, Func<string, IFollowedDatabase> capture)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public SourceLifecycle? Find(string source)
    {
        lock (_gate)
        {
            return _entries.GetValueOrDefault(source)?.Lifecycle;
        }
    }

    /// <summary>Makes what is new, and ends what is gone or lies elsewhere now.</summary>
    public void Apply(IReadOnlyList<SourceDefinition> wanted)
    {
        lock (_gate)
        {
            var fitting = wanted.Where(definition => _entries.GetValueOrDefault(definition.Name)?.Fits(definition) ?? false).Select(definition => definition.Name).ToHashSet(StringComparer.Ordinal);
            var ended = _entries.Where(pair => !fitting.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
            foreach (var name in ended.Keys)
            {
                _ = _entries.Remove(name);
            }

            foreach (var definition in wanted.Where(definition => !fitting.Contains(definition.Name)))
            {
                var lifecycle = create(definition, capture(definition.Name));
                _entries[definition.Name] = new Entry(definition.Path, definition.StartEmpty, lifecycle);
                _ = FollowAsync(ended.GetValueOrDefault(definition.Name)?.Lifecycle, lifecycle);
                _ = ended.Remove(definition.Name);
            }

            foreach (var entry in ended.Values)
            {
                _ = FollowAsync(entry.Lifecycle, successor: null);
            }
        }
    }

    /// <summary>When no call goes on any more.</summary>
    public async Task EndAsync()
    {
        SourceLifecycle[] all;
        lock (_gate)
        {
            all = [.. _entries.Values.Select(entry => entry.Lifecycle)];
            _entries.Clear();
        }

        await Task.WhenAll(all.Select(lifecycle => lifecycle.DisposeAsync().AsTask()));
    }

    /// <summary>Two of one source never write its journal at the same time.</summary>
    private static async Task FollowAsync(SourceLifecycle? former, SourceLifecycle? successor)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (former is not null)
        {
            await former.DisposeAsync();
        }

        if (successor is not null)
        {
            await successor.ResumeAsync(CancellationToken.None);
        }
    }

    private sealed record Entry(string Path, bool StartEmpty, SourceLifecycle Lifecycle)
    {
        public bool Fits(SourceDefinition definition) => Path == definition.Path && StartEmpty == definition.StartEmpty;
    }
}
