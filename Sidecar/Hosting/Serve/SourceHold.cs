using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Serve;

/// <summary>The wish that a source close its database, and stay away from it until this is disposed.</summary>
internal sealed class SourceHold(Action<SourceHold> release) : IDisposable
{
    private readonly TaskCompletionSource<FollowingEnd?> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the database is closed: how its following ended; null: its last capture failed.</summary>
    public Task<FollowingEnd?> Reached => _reached.Task;

    public Task Released => _released.Task;

    public void Reach(FollowingEnd? end) => _reached.TrySetResult(end);

    public void Dispose()
    {
        release(this);
        _ = _released.TrySetResult();
    }
}
