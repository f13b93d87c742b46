using BackupSidecar.Following;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A follower that does what a test says, and tells what it was told.</summary>
internal sealed class ScriptedSource(SourceDefinition definition, Func<StopSignals, Task<FollowingEnd>> run) : IFollowedSource
{
    public SourceDefinition Definition { get; private set; } = definition;

    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<SourceDefinition> Applied { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SourceStatus Status => new() { Name = Definition.Name, Path = Definition.Path, State = SourceState.Following, Position = 7 };

    /// <summary>Runs until the end is asked for, and leaves nothing open.</summary>
    public static async Task<FollowingEnd> FollowAsync(StopSignals stop)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Requested).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return FollowingEnd.Complete;
    }

    public Task<FollowingEnd> RunAsync(StopSignals stop)
    {
        Started.TrySetResult();
        return run(stop);
    }

    public void Apply(SourceDefinition definition)
    {
        Definition = definition;
        Applied.TrySetResult(definition);
    }

    public ValueTask DisposeAsync()
    {
        Disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
