namespace BackupSidecar.Policies;

/// <summary>When a disk will be full if it goes on filling as it did: the line of least squares through what was free.</summary>
internal static class DiskForecast
{
    /// <summary>From less nothing is foretold.</summary>
    public static readonly TimeSpan SpanMin = TimeSpan.FromHours(1);

    /// <summary>What lies further away is not foretold.</summary>
    private static readonly TimeSpan HorizonMax = TimeSpan.FromDays(3650);

    /// <param name="samples">Free bytes at times, oldest first.</param>
    /// <returns>Null: it does not fill, not soon, or it is not known yet.</returns>
    public static DateTimeOffset? FullAt(IReadOnlyList<(DateTimeOffset At, long FreeBytes)> samples)
    {
        if (samples.Count < 2 || samples[^1].At - samples[0].At < SpanMin)
        {
            return null;
        }

        var last = samples[^1].At;
        var meanHours = samples.Average(sample => (sample.At - last).TotalHours);
        var meanFree = samples.Average(sample => (double)sample.FreeBytes);
        var spread = samples.Sum(sample => Math.Pow((sample.At - last).TotalHours - meanHours, 2));
        var slope = samples.Sum(sample => ((sample.At - last).TotalHours - meanHours) * (sample.FreeBytes - meanFree)) / spread;
        if (slope >= 0)
        {
            return null;
        }

        // From what is free now: the line may have left it behind.
        var hours = samples[^1].FreeBytes / -slope;
        return hours <= HorizonMax.TotalHours ? last + TimeSpan.FromHours(hours) : null;
    }
}
