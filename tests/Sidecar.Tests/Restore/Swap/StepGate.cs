using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>Holds a swap of this process at a step until the test lets it go on.</summary>
internal sealed class StepGate(SwapStep stop) : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task;

    /// <summary>Starts the swap; it stands at the step when this returns.</summary>
    public async Task<Task<SwapResult>> RunAsync(SwapScene scene, SwapPatience patience)
    {
        var swap = Task.Run(() => scene.SwapAsync(appIsStopped: false, patience, Pass));
        await await Task.WhenAny(swap, Reached);
        return swap;
    }

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
        _open.Dispose();
    }

    private void Pass(SwapStep step)
    {
        if (step == stop)
        {
            _reached.SetResult();
            _open.Wait();
        }
    }
}
