using BackupSidecar.Ledger;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The sources that an operator has paused, over restarts: <c>paused.json</c> in the state directory.</summary>
internal sealed class PausedSources(string stateDirectory, TimeProvider time)
{
    private readonly RecordFile<PausedRecord> _file = new(Path.Join(stateDirectory, "paused.json"), "which sources are paused", PausedRecordJson.Default.PausedRecord, syncDirectory: null);
    private readonly Lock _gate = new();
    private Dictionary<string, DateTimeOffset>? _since;

    /// <returns>Null: it is not paused.</returns>
    /// <exception cref="OperatorException">The file cannot be read.</exception>
    public DateTimeOffset? SinceOf(string source)
    {
        lock (_gate)
        {
            return Since_NeedsLock().TryGetValue(source, out var since) ? since : null;
        }
    }

    /// <returns>Since when.</returns>
    /// <exception cref="OperatorException">The file cannot be read or written; nothing was changed.</exception>
    public DateTimeOffset Pause(string source)
    {
        lock (_gate)
        {
            var since = Since_NeedsLock();
            if (!since.TryGetValue(source, out var at))
            {
                at = time.GetUtcNow();
                Write_NeedsLock(new Dictionary<string, DateTimeOffset>(since, StringComparer.Ordinal) { [source] = at });
            }

            return at;
        }
    }

    /// <exception cref="OperatorException">As <see cref="Pause"/>.</exception>
    public void Resume(string source)
    {
        lock (_gate)
        {
            var next = new Dictionary<string, DateTimeOffset>(Since_NeedsLock(), StringComparer.Ordinal);
            if (next.Remove(source))
            {
                Write_NeedsLock(next);
            }
        }
    }

    private void Write_NeedsLock(Dictionary<string, DateTimeOffset> next)
    {
        _file.Write(new PausedRecord(next));
        _since = next;
    }

    private Dictionary<string, DateTimeOffset> Since_NeedsLock() => _since ??= new Dictionary<string, DateTimeOffset>(_file.Read()?.Sources ?? [], StringComparer.Ordinal);
}
