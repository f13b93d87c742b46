namespace BackupSidecar.Hosting.Serve;

/// <summary>The wish that a source close its database, and stay away from it until this is disposed.</summary>
internal sealed class SourceHold(Action<SourceHold> release) : IDisposable
{
    private readonly TaskCompletionSource<bool> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the database is closed; true: what was committed before is stored.</summary>
    public Task<bool> Reached => _reached.Task;

    public Task Released => _released.Task;

    public void Reach(bool isCaptured) => _reached.TrySetResult(isCaptured);

    public void Dispose()
    {
        release(this);
        _ = _released.TrySetResult();
    }
}
