using BackupSidecar.Lifecycle;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>A source that nobody follows: what the lifecycle asks of its capture is written down.</summary>
internal sealed class PlayedDatabase : IFollowedDatabase
{
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Kept { get; } = [];

    /// <summary>False: the last capture of a hold fails.</summary>
    public bool IsStored { get; set; } = true;

    /// <summary>False: commits after the last capture are possible, as with a rollback journal.</summary>
    public bool IsCaptured { get; set; } = true;

    /// <summary>The last capture never ends.</summary>
    public bool Hangs { get; set; }

    public int Holds { get; private set; }

    public bool IsHeld { get; private set; }

    public async Task<DatabaseHold> HoldAsync(CancellationToken ct)
    {
        Holds++;
        if (Hangs)
        {
            _ = _hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        }

        IsHeld = true;
        return new DatabaseHold(IsStored, IsStored && IsCaptured, 7, "00000000000000aa", () => IsHeld = false);
    }

    public Task HangingAsync() => _hanging.Task;

    public Task<bool> CaptureNowAsync(CancellationToken ct) => Task.FromResult(true);

    public Task KeepNewestAsync(string label, CancellationToken ct)
    {
        Kept.Add(label);
        return Task.CompletedTask;
    }
}
