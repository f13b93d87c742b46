using System.Runtime.CompilerServices;
using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>A store that counts its calls and strikes at one of them.</summary>
/// <remarks>
/// Calls: stage, each write to staged content, publish, put, open, each read, list (when its enumeration begins), find foreign, delete (one or many), lock.
/// Disposing is none. After a kill every further call throws; nothing is cleaned up by disposing, locks are released and open files are
/// closed, as the kernel does it. A test kills at call 1, 2, 3 … until <see cref="Struck"/> stays false: then the run has fewer calls.
/// </remarks>
internal sealed class FaultyStore(IObjectStore inner, Fault? fault) : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private readonly List<IAsyncDisposable> _locks = [];
    private readonly List<IStagedObject> _staged = [];
    private int _calls;

    public string Location => inner.Location;

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>True once the fault happened.</summary>
    public bool Struck { get; private set; }

    public bool Killed { get; private set; }

    /// <summary>What was called, in order: "stage packs/…", "write …".</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_lock)
            {
                return [.. _log];
            }
        }
    }

    public async ValueTask<IStagedObject> StageAsync(ObjectName name, CancellationToken ct)
    {
        var staged = await CallAsync($"stage {name}", async () => Keep(_staged, await inner.StageAsync(name, ct)));
        return new FaultyStagedObject(name, staged, this);
    }

    public async ValueTask PutAsync(ObjectName name, IStoredObject content, CancellationToken ct) => await CallAsync($"put {name}", async () =>
    {
        await inner.PutAsync(name, content, ct);
        return true;
    });

    public async ValueTask<IStoredObject> OpenAsync(ObjectName name, CancellationToken ct) =>
        new FaultyStoredObject(name, await CallAsync($"open {name}", () => inner.OpenAsync(name, ct)), this);

    public async IAsyncEnumerable<ObjectListing> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        var listings = await CallAsync($"list {prefix}", async () =>
        {
            var all = new List<ObjectListing>();
            await foreach (var listing in inner.ListAsync(prefix, ct))
            {
                all.Add(listing);
            }

            return all;
        });
        foreach (var listing in listings)
        {
            yield return listing;
        }
    }

    public ValueTask<string?> FindForeignAsync(CancellationToken ct) => CallAsync("find foreign", () => inner.FindForeignAsync(ct));

    public async ValueTask DeleteAsync(ObjectName name, CancellationToken ct) => await CallAsync($"delete {name}", async () =>
    {
        await inner.DeleteAsync(name, ct);
        return true;
    });

    public async ValueTask DeleteAllAsync(IReadOnlyList<ObjectName> names, CancellationToken ct) => await CallAsync(
        $"delete {names.Count} objects from {(names.Count == 0 ? "nothing" : names[0])} on",
        async () =>
        {
            await inner.DeleteAllAsync(names, ct);
            return true;
        },
        half: () => inner.DeleteAllAsync([.. names.Take(names.Count / 2)], ct));

    public async ValueTask<IAsyncDisposable> LockForWritingAsync(string holder, CancellationToken ct) =>
        await CallAsync("lock", async () => Keep(_locks, await inner.LockForWritingAsync(holder, ct)));

    /// <param name="what">Verb and object, for the log and for messages.</param>
    /// <param name="effect">The call itself.</param>
    /// <param name="half">The part of it that a fault in the middle leaves; null: none.</param>
    internal async ValueTask<T> CallAsync<T>(string what, Func<ValueTask<T>> effect, Func<ValueTask>? half = null)
    {
        var moment = Enter(what);
        if (moment is FaultMoment.Before or FaultMoment.Midway)
        {
            if (moment == FaultMoment.Midway && half is not null)
            {
                await half();
            }

            throw await StrikeAsync(what);
        }

        var result = await effect();
        if (moment != FaultMoment.After)
        {
            return result;
        }

        // A store that fails late gives back what it had taken. A kill leaves that to the kernel.
        if (!fault!.IsKill && result is IAsyncDisposable taken)
        {
            await taken.DisposeAsync();
        }

        throw await StrikeAsync(what);
    }

    private FaultMoment Enter(string what)
    {
        lock (_lock)
        {
            _calls++;
            _log.Add(what);
            if (fault is null)
            {
                return FaultMoment.Unspecified;
            }

            return _calls == fault.Call ? fault.Moment
                : _calls > fault.Call && Reaches(fault.Span, what) ? FaultMoment.Before
                : FaultMoment.Unspecified;
        }
    }

    private bool Reaches(FaultSpan span, string what) =>
        span == FaultSpan.Everything || (span == FaultSpan.SameObject && what == _log[fault!.Call - 1]);

    private async ValueTask<Exception> StrikeAsync(string what)
    {
        Struck = true;
        if (!fault!.IsKill)
        {
            return fault.Exception!(what);
        }

        if (!Killed)
        {
            Killed = true;
            await CloseAsTheKernelDoesAsync();
        }

        return new SimulatedKillException(fault.Call);
    }

    private async ValueTask CloseAsTheKernelDoesAsync()
    {
        foreach (var staged in _staged)
        {
            // Closes the file and leaves it where it is.
            await staged.Content.DisposeAsync();
        }

        foreach (var taken in _locks)
        {
            await taken.DisposeAsync();
        }
    }

    private T Keep<T>(List<T> list, T item)
    {
        lock (_lock)
        {
            list.Add(item);
        }

        return item;
    }
}
