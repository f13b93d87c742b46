using BackupSidecar.Following;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The sources of a running serve. Each has a task of its own; only their names hold them together.</summary>
internal sealed class SourceSet(Func<SourceDefinition, IFollowedSource> create, Random random, ILogger log, TimeProvider time)
{
    /// <summary>How long the final capture of a source may take that was taken out while the others go on.</summary>
    private static readonly TimeSpan RemovalMax = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Names whose databases are held, and when they are not any more.</summary>
    private readonly Dictionary<string, Task> _holds = new(StringComparer.Ordinal);

    /// <summary>What has been removed or replaced and is making its final capture.</summary>
    private readonly List<Entry> _ending = [];

    public IReadOnlyList<SourceStatus> Statuses
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Values.Select(entry => entry.Status).OrderBy(status => status.Name, StringComparer.Ordinal)];
            }
        }
    }

    /// <returns>Null: there is no source of that name.</returns>
    public async Task<CaptureRequestOutcome?> CaptureNowAsync(string name, CancellationToken ct)
    {
        Entry? entry;
        lock (_gate)
        {
            entry = _entries.GetValueOrDefault(name);
        }

        return entry is null ? null : entry.Source is { } source ? await source.CaptureNowAsync(ct) : CaptureRequestOutcome.Paused;
    }

    /// <summary>Closes the database of a source: see <see cref="SupervisedSource.HoldAsync"/>. Until the result is disposed no follower of that name begins, whatever becomes of the source. One at a time for each name.</summary>
    /// <returns>What ends the hold, and how following ended; null: no last capture was made.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first; nothing is held.</exception>
    public async Task<(IDisposable Hold, FollowingEnd? End)> HoldAsync(string name, CancellationToken ct)
    {
        var held = new NameHold(this, name);
        SupervisedSource? source;
        Task[] ending;
        lock (_gate)
        {
            _holds.Add(name, held.Released);
            source = _entries.GetValueOrDefault(name)?.Source;
            ending = [.. _ending.Where(entry => entry.Definition.Name == name).Select(entry => entry.Running!)];
        }

        try
        {
            // One that was paused or replaced a moment ago still has the database open.
            await Task.WhenAll(ending).WaitAsync(ct);
            if (source is null)
            {
                return (held, null);
            }

            var (hold, end) = await source.HoldAsync(ct);
            held.Inner = hold;
            return (held, end);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Brings the running sources to what is wanted: starts, stops, replaces, changes.</summary>
    public void Apply(IReadOnlyList<SourceDefinition> wanted)
    {
        lock (_gate)
        {
            foreach (var name in _entries.Keys.Except(wanted.Select(definition => definition.Name)).ToList())
            {
                HostingLog.SourceRemoved(log, name, _entries[name].Definition.Path);
                End_NeedsLock(name);
            }

            foreach (var definition in wanted)
            {
                Apply_NeedsLock(definition);
            }
        }
    }

    /// <summary>Ends all of them at once.</summary>
    /// <returns>The names of those whose commits after the final capture were possible.</returns>
    public async Task<IReadOnlyList<string>> StopAsync(TimeSpan untilLastCapture, TimeSpan untilAbandoned)
    {
        Entry[] running, ending;
        lock (_gate)
        {
            running = [.. _entries.Values.Where(entry => entry.Source is not null)];
            ending = [.. _ending];

            // Under the lock, since what has ended is disposed. Successors wait for them.
            foreach (var entry in ending)
            {
                entry.Source!.Stop.Request(TimeSpan.Zero, untilAbandoned);
            }
        }

        foreach (var entry in running)
        {
            entry.Source!.Stop.Request(untilLastCapture, untilAbandoned);
        }

        _ = await Task.WhenAll(ending.Select(entry => entry.Running!));
        var ends = await Task.WhenAll(running.Select(entry => entry.Running!));
        return [.. running.Zip(ends).Where(pair => pair.Second != FollowingEnd.Complete).Select(pair => pair.First.Definition.Name).Order(StringComparer.Ordinal)];
    }

    private void Apply_NeedsLock(SourceDefinition definition)
    {
        if (_entries.TryGetValue(definition.Name, out var entry))
        {
            if (entry.Definition == definition)
            {
                return;
            }

            if (entry.Source is { } running && entry.Definition.CanBecome(definition))
            {
                running.Apply(definition);
                _entries[definition.Name] = entry with { Definition = definition };
                HostingLog.SourceChanged(log, definition.Name);
                return;
            }

            End_NeedsLock(definition.Name);
        }

        _entries[definition.Name] = definition.IsFollowed ? Start_NeedsLock(definition) : new Entry(definition, Source: null, Running: null);
        if (definition.IsFollowed)
        {
            HostingLog.SourceAdded(log, definition.Name, definition.Path);
        }
        else
        {
            HostingLog.SourcePaused(log, definition.Name, definition.Path);
        }
    }

    private Entry Start_NeedsLock(SourceDefinition definition)
    {
        var source = new SupervisedSource(definition, create, new Random(random.Next()), log, time);
        Task[] before = [.. _ending.Where(entry => entry.Definition.Name == definition.Name).Select(entry => entry.Running!), .. _holds.TryGetValue(definition.Name, out var held) ? (Task[])[held] : []];
        return new Entry(definition, source, RunAfterAsync(before, source));
    }

    /// <summary>Two followers of one source never run at the same time.</summary>
    private static async Task<FollowingEnd> RunAfterAsync(Task[] before, SupervisedSource source)
    {
        await Task.WhenAll(before);
        return await source.RunAsync();
    }

    private void End_NeedsLock(string name)
    {
        _ = _entries.Remove(name, out var entry);
        if (entry?.Source is { } source)
        {
            source.Stop.Request(TimeSpan.Zero, RemovalMax);
            _ending.Add(entry);
            _ = ForgetAtEndAsync(entry);
        }
    }

    private async Task ForgetAtEndAsync(Entry entry)
    {
        // Not under the caller's lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _ = await entry.Running!;
        lock (_gate)
        {
            _ = _ending.Remove(entry);
            entry.Source!.Dispose();
        }
    }

    private sealed class NameHold(SourceSet sources, string name) : IDisposable
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Of the follower that was running; null: there was none.</summary>
        public SourceHold? Inner { get; set; }

        public Task Released => _released.Task;

        public void Dispose()
        {
            lock (sources._gate)
            {
                _ = sources._holds.Remove(name);
            }

            _ = _released.TrySetResult();
            Inner?.Dispose();
        }
    }

    private sealed record Entry(SourceDefinition Definition, SupervisedSource? Source, Task<FollowingEnd>? Running)
    {
        public SourceStatus Status => Source?.Status ?? new SourceStatus
        {
            Name = Definition.Name,
            Path = Definition.Path,
            State = SourceState.Paused,
            Reason = Definition.Enabled ? $"an operator paused it at {Definition.PausedAt?.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : "the configuration says enabled: false",
        };
    }
}
