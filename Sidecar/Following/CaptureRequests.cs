namespace BackupSidecar.Following;

/// <summary>Those who wait until everything that was committed before they asked is stored.</summary>
internal sealed class CaptureRequests
{
    private readonly Lock _lock = new();
    private List<TaskCompletionSource> _waiting = [];
    private TaskCompletionSource _asked = New();
    private bool _isClosed;

    /// <summary>Completed while anybody waits.</summary>
    public Task Asked
    {
        get
        {
            lock (_lock)
            {
                return _asked.Task;
            }
        }
    }

    public Task Add()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Task.FromCanceled(new CancellationToken(canceled: true));
            }

            var request = New();
            _waiting.Add(request);
            _ = _asked.TrySetResult();
            return request.Task;
        }
    }

    /// <summary>The requests that a look which begins now will answer. To be completed with <see cref="Complete"/>.</summary>
    public IReadOnlyList<TaskCompletionSource> Peek()
    {
        lock (_lock)
        {
            return [.. _waiting];
        }
    }

    public void Complete(IReadOnlyList<TaskCompletionSource> answered)
    {
        if (answered.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            _waiting = [.. _waiting.Except(answered)];
            _asked = _waiting.Count == 0 ? New() : _asked;
        }

        foreach (var request in answered)
        {
            _ = request.TrySetResult();
        }
    }

    /// <summary>Nobody will answer any more: who waits, or asks from now on, is told by a cancellation.</summary>
    public void Close()
    {
        List<TaskCompletionSource> waiting;
        lock (_lock)
        {
            (waiting, _waiting, _isClosed) = (_waiting, [], true);
        }

        waiting.ForEach(request => request.TrySetCanceled());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
