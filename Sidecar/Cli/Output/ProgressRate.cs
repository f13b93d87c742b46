using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Rate and time left of the step that is going on, from the reports that are shown.</summary>
internal sealed class ProgressRate(TimeProvider time)
{
    private string? _step;
    private long _since;

    public string Describe(ProgressReport report)
    {
        if (_step != report.Step)
        {
            _step = report.Step;
            _since = time.GetTimestamp();
            return report.TotalBytes == 0 ? report.Step : $"{report.Step}: {Share(report)}";
        }

        if (report.TotalBytes == 0)
        {
            return $"{report.Step}: {HumanText.Duration(time.GetElapsedTime(_since))} so far";
        }

        var seconds = time.GetElapsedTime(_since).TotalSeconds;
        var rate = report.DoneBytes / Math.Max(seconds, 0.001);
        var left = TimeSpan.FromSeconds((report.TotalBytes - report.DoneBytes) / Math.Max(rate, 1));
        return $"{report.Step}: {Share(report)}, {HumanText.Bytes((long)rate)}/s, about {HumanText.Duration(left)} left";
    }

    private static string Share(ProgressReport report) =>
        $"{HumanText.Bytes(report.DoneBytes)} of {HumanText.Bytes(report.TotalBytes)} ({100.0 * report.DoneBytes / report.TotalBytes:0} %)";
}
