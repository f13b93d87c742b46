using BackupSidecar.Following;
using BackupSidecar.Lifecycle;

namespace BackupSidecar.Hosting.Serve;

/// <summary>One source of a running serve, as its lifecycle sees it.</summary>
/// <param name="source">Its name.</param>
/// <param name="sources">What is followed.</param>
/// <param name="keep">Keeps the newest position of a source, whose status this is, as a backup with a label.</param>
internal sealed class FollowedDatabase(string source, SourceSet sources, Func<SourceStatus, string, CancellationToken, Task> keep) : IFollowedDatabase
{
    public async Task<DatabaseHold> HoldAsync(CancellationToken ct)
    {
        var (hold, end) = await sources.HoldAsync(source, ct);
        var status = Status;
        return new DatabaseHold(isStored: end is not null, isCaptured: end is FollowingEnd.Complete or FollowingEnd.DatabaseGone, status?.Position, status?.Timeline, hold.Dispose);
    }

    public async Task<bool> CaptureNowAsync(CancellationToken ct) => await sources.CaptureNowAsync(source, ct) == CaptureRequestOutcome.Stored;

    public async Task KeepNewestAsync(string label, CancellationToken ct)
    {
        if (Status is { } status)
        {
            await keep(status, label, ct);
        }
    }

    private SourceStatus? Status => sources.Statuses.FirstOrDefault(status => status.Name == source);
}
