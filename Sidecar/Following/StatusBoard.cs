using BackupSidecar.Primitives;

namespace BackupSidecar.Following;

/// <summary>The status of one source, changed by its follower and read by anybody.</summary>
internal sealed class StatusBoard(SourceDefinition definition)
{
    /// <summary>Refusals that are kept, newest first: enough to see a pattern.</summary>
    public const int RefusalsMax = 5;

    private readonly Lock _lock = new();
    private SourceStatus _status = new() { Name = definition.Name, Path = definition.Path, State = SourceState.Starting };

    public SourceStatus Now
    {
        get
        {
            lock (_lock)
            {
                return _status;
            }
        }
    }

    public void Change(Func<SourceStatus, SourceStatus> change)
    {
        lock (_lock)
        {
            _status = change(_status);
        }
    }

    public void Be(SourceState state, string reason) => Change(status => status with { State = state, Reason = reason });

    public void At(Position? position) => Change(status => status with
    {
        Position = position?.Transaction.Value,
        Timeline = position?.Timeline.ToString(),
    });

    /// <summary>Commits were seen that are not stored.</summary>
    /// <param name="since">When the first of them was made, at the earliest; of several calls the first counts.</param>
    /// <param name="commits">How many, if that is known.</param>
    public void Behind(DateTimeOffset since, long? commits) => Change(status => status with { BehindSince = status.BehindSince ?? since, LagCommits = commits });

    /// <summary>A look has shown that everything is stored.</summary>
    public void UpToDate()
    {
        if (Now is not { LagCommits: 0, BehindSince: null })
        {
            Change(status => status with { BehindSince = null, LagCommits = 0 });
        }
    }

    /// <summary>A capture succeeded; what it found is stored.</summary>
    public void Captured(DateTimeOffset at, Position position, Func<CaptureCounts, CaptureCounts> count) => Change(status => status with
    {
        Position = position.Transaction.Value,
        Timeline = position.Timeline.ToString(),
        LastCaptureAt = at,
        LagCommits = 0,
        BehindSince = null,
        Captures = count(status.Captures),
    });

    /// <summary>A full or a comparison of all pages is over, and held the database for so long at once.</summary>
    public void Read(TimeSpan held) =>
        Change(status => status with { LongestReadMilliseconds = Math.Max(held.TotalMilliseconds, status.LongestReadMilliseconds ?? 0) });

    public void Refused(RefusedCapture refusal) => Change(status => status with { Refusals = [refusal, .. status.Refusals.Take(RefusalsMax - 1)] });
}
