namespace BackupSidecar.Policies;

/// <summary>When a run that comes at an interval is due.</summary>
internal static class RunSchedule
{
    /// <summary>How long after a failure it is tried again, where the interval is not shorter.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(5);

    /// <param name="every">The interval.</param>
    /// <param name="lastSuccess">Null: there was none.</param>
    /// <param name="lastFailure">Null: there was none.</param>
    /// <param name="firstSeen">Where there was no run at all it is due an interval later.</param>
    public static DateTimeOffset Next(TimeSpan every, DateTimeOffset? lastSuccess, DateTimeOffset? lastFailure, DateTimeOffset firstSeen)
    {
        var regular = (lastSuccess ?? firstSeen) + every;
        return lastFailure is { } failed && failed > (lastSuccess ?? DateTimeOffset.MinValue) && failed + Min(every, RetryAfter) is var retry && retry > regular ? retry : regular;
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
