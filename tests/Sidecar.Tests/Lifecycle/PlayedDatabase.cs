using BackupSidecar.Lifecycle;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>A source that nobody follows: what the lifecycle asks of its capture is written down.</summary>
internal sealed class PlayedDatabase : IFollowedDatabase
{
    public List<string> Kept { get; } = [];

    public int Holds { get; private set; }

    public bool IsHeld { get; private set; }

    public Task<DatabaseHold> HoldAsync(CancellationToken ct)
    {
        Holds++;
        IsHeld = true;
        return Task.FromResult(new DatabaseHold(isCaptured: true, 7, "00000000000000aa", () => IsHeld = false));
    }

    public Task<bool> CaptureNowAsync(CancellationToken ct) => Task.FromResult(true);

    public Task KeepNewestAsync(string label, CancellationToken ct)
    {
        Kept.Add(label);
        return Task.CompletedTask;
    }
}
