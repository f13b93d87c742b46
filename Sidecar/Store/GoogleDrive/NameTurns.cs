namespace BackupSidecar.Store.GoogleDrive;

/// <summary>One at a time for each name, so that of many who put one name in this process the first wins.</summary>
internal sealed class NameTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    public async ValueTask<IDisposable> EnterAsync(string name, CancellationToken ct)
    {
        Turn turn;
        lock (_gate)
        {
            if (!_turns.TryGetValue(name, out turn!))
            {
                _turns[name] = turn = new Turn(this, name);
            }

            turn.Users++;
        }

        try
        {
            await turn.Semaphore.WaitAsync(ct);
            return turn;
        }
        catch (OperationCanceledException)
        {
            Leave(turn, release: false);
            throw;
        }
    }

    private void Leave(Turn turn, bool release)
    {
        if (release)
        {
            _ = turn.Semaphore.Release();
        }

        lock (_gate)
        {
            if (--turn.Users == 0)
            {
                _ = _turns.Remove(turn.Name);
            }
        }
    }

    private sealed class Turn(NameTurns owner, string name) : IDisposable
    {
        public string Name => name;

        public SemaphoreSlim Semaphore { get; } = new(1);

        public int Users { get; set; }

        public void Dispose() => owner.Leave(this, release: true);
    }
}
