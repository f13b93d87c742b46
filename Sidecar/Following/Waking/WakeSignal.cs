namespace BackupSidecar.Following.Waking;

/// <summary>Remembers that something happened until one waiter has seen it. Setting it twice is setting it once.</summary>
internal sealed class WakeSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _set = New();

    /// <summary>May be called from any thread; never blocks.</summary>
    public void Set()
    {
        lock (_lock)
        {
            _ = _set.TrySetResult();
        }
    }

    /// <summary>Waits until it is set, at most for <paramref name="max"/>, and takes it back.</summary>
    /// <returns>False if the time went by.</returns>
    /// <exception cref="OperationCanceledException">Of <paramref name="ct"/>.</exception>
    public async ValueTask<bool> WaitAsync(TimeSpan max, TimeProvider time, CancellationToken ct)
    {
        Task set;
        lock (_lock)
        {
            set = _set.Task;
        }

        if (!set.IsCompleted)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
            _ = await Task.WhenAny(set, Task.Delay(max, time, enough.Token));
            await enough.CancelAsync();
        }

        ct.ThrowIfCancellationRequested();
        return TakeBack();
    }

    private bool TakeBack()
    {
        lock (_lock)
        {
            if (!_set.Task.IsCompleted)
            {
                return false;
            }

            _set = New();
            return true;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
