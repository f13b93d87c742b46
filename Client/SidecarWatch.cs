using Microsoft.Extensions.Logging;
using Wire = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Client;

/// <summary>Keeps the stream open that makes this instance count as running, and remembers what the sidecar said last.</summary>
internal sealed class SidecarWatch(SidecarCalls calls, Wire.WatchRequest request, ILogger log, TimeProvider time, Random random)
{
    private readonly Lock _gate = new();
    private readonly Backoff _backoff = new(random);
    private SidecarView _now = SidecarView.Unknown;
    private TaskCompletionSource _changed = NewSource();

    public SidecarView Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    /// <summary>The first view that fits, now or later.</summary>
    public async Task<SidecarView> FirstAsync(Func<SidecarView, bool> fits, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (fits(_now))
                {
                    return _now;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Connects, and again after each loss. Ends with a cancellation alone.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await calls.WatchAsync(request, Take, ct).ConfigureAwait(false);
                Lose("The sidecar ended the stream.");
            }
            catch (BackupSidecarException e)
            {
                Lose(e.Message);
            }

            await Task.Delay(_backoff.Next(), time, ct).ConfigureAwait(false);
        }
    }

    private void Take(Wire.WatchResponse response)
    {
        _backoff.Reset();
        if (!Now.IsConnected)
        {
            ClientLog.Connected(log, request.InstanceId);
        }

        Set(new SidecarView(IsConnected: true, response.Restart, ""));
    }

    /// <summary>Said once for each loss, not for each try. What the sidecar wanted may not hold any more when it is back.</summary>
    private void Lose(string problem)
    {
        if (Now is { IsConnected: true } or { Problem: "" })
        {
            ClientLog.Lost(log, problem);
        }

        Set(new SidecarView(IsConnected: false, null, problem));
    }

    private void Set(SidecarView view)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _now = view;
            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
