using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>A resumable session in this process. One request at a time has it; a newer one ends an older one that still waits for bytes of a dead connection.</summary>
internal sealed class UploadSession(SessionDocument document) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _active;

    public SessionDocument Document { get; set; } = document;

    /// <summary>Null until the first piece comes, in this process.</summary>
    public ContentWriter? Writer { get; set; }

    /// <summary>Waits until the session is free and takes it; disposing the turn gives it back.</summary>
    public async Task<SessionTurn> TakeAsync(CancellationToken ct)
    {
        var mine = CancellationTokenSource.CreateLinkedTokenSource(ct);
        CancellationTokenSource? older;
        lock (_lock)
        {
            older = _active;
            _active = mine;
        }

        if (older is not null)
        {
            await older.CancelAsync();
        }

        await _turn.WaitAsync(ct);
        return new SessionTurn(this, mine);
    }

    public void Release(CancellationTokenSource turn)
    {
        lock (_lock)
        {
            _active = _active == turn ? null : _active;
        }

        _turn.Release();
    }

    public void Dispose()
    {
        Writer?.Dispose();
        _turn.Dispose();
    }
}
