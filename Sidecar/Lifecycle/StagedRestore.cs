using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;

namespace BackupSidecar.Lifecycle;

/// <summary>The database of a restore before it is in place: assembled in the background, then kept until it is wanted.</summary>
/// <remarks>Changed by whoever holds the gate of the lifecycle.</remarks>
internal sealed class StagedRestore(string source, string path, RestoreOrigins origins, int workers) : IAsyncDisposable
{
    private StagedDatabase? _file;
    private Task _work = Task.CompletedTask;
    private CancellationTokenSource? _stop;
    private long _bytes;

    /// <summary>Ends when the newest staging has ended.</summary>
    public Task Work => Volatile.Read(ref _work);

    /// <summary>True: this process has begun one.</summary>
    public bool IsBegun => _stop is not null;

    public bool HasFile => _file is not null;

    /// <summary>Bytes that are assembled.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <param name="work">From <see cref="AssembleAsync"/> to the record of its end.</param>
    public void Begin(Func<CancellationToken, Task> work)
    {
        _stop?.Dispose();
        _stop = new CancellationTokenSource();
        _ = Interlocked.Exchange(ref _bytes, 0);
        var stop = _stop.Token;
        Volatile.Write(ref _work, Task.Run(() => work(stop), CancellationToken.None));
    }

    /// <summary>Assembles and checks the database beside the one in use.</summary>
    /// <exception cref="OperatorException">It cannot be; nothing is left of it.</exception>
    public async Task<(StagedDatabase File, IReadOnlyList<string> Warnings)> AssembleAsync(RestoreRecord restore, CancellationToken stop)
    {
        try
        {
            var planned = await origins.PlanAsync(source, RestoreChoice.Newest with { Position = restore.PositionText }, stop);
            var progress = new AssembledBytes(bytes => Interlocked.Exchange(ref _bytes, bytes));
            return await origins.StageAsync(planned, from => new StagingRun(from, restore.SqliteChecks, workers, progress), path, restore.Id, stop);
        }
        catch (Exception e) when (e is not OperatorException && !stop.IsCancellationRequested)
        {
            throw new OperatorException(FailureKind.Failed, $"Staging failed: {e.Message}", "Check the volume and the repository.", e);
        }
    }

    /// <summary>The file stays, over the end of the process too.</summary>
    public void Keep(StagedDatabase file)
    {
        file.Keep();
        _file = file;
    }

    /// <summary>Takes over what an earlier process kept.</summary>
    public bool TryReopen(RestoreRecord restore)
    {
        _file = StagedDatabase.TryReopen(restore.StagedPath!, restore.StagedInode);
        return HasFile;
    }

    /// <summary>Closes the file, whatever its name is now.</summary>
    public void Release()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Ends a staging that goes on, and removes the file.</summary>
    public void Discard()
    {
        _stop?.Cancel();
        _file?.Discard();
        Release();
    }

    public void Stop() => _stop?.Cancel();

    /// <summary>After <see cref="Stop"/>, without the gate: a staging that ends needs it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Release();
        _stop?.Dispose();
    }

    private sealed class AssembledBytes(Action<long> assembled) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value)
        {
            if (value.TotalBytes > 0)
            {
                assembled(value.DoneBytes);
            }
        }
    }
}
