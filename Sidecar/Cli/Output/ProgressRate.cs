using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Rate and time left of the step that is going on.</summary>
internal sealed class ProgressRate(TimeProvider time)
{
    private string? _step;
    private long _since;

    /// <summary>Called with every report, shown or not, so that the beginning of a step is known.</summary>
    public void Observe(ProgressReport report)
    {
        if (_step != report.Step)
        {
            _step = report.Step;
            _since = time.GetTimestamp();
        }
    }

    public string Describe(ProgressReport report)
    {
        var elapsed = time.GetElapsedTime(_since);
        if (report.TotalBytes == 0)
        {
            return $"{report.Step}: {HumanText.Duration(elapsed)} so far";
        }

        if (report.DoneBytes == 0 || elapsed == TimeSpan.Zero)
        {
            return $"{report.Step}: {Share(report)}";
        }

        var rate = report.DoneBytes / elapsed.TotalSeconds;
        var left = TimeSpan.FromSeconds((report.TotalBytes - report.DoneBytes) / rate);
        return $"{report.Step}: {Share(report)}, {HumanText.Bytes((long)rate)}/s, about {HumanText.Duration(left)} left";
    }

    private static string Share(ProgressReport report) =>
        $"{HumanText.Bytes(report.DoneBytes)} of {HumanText.Bytes(report.TotalBytes)} ({100.0 * report.DoneBytes / report.TotalBytes:0} %)";
}
