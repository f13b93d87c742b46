using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Output;

/// <summary>Progress where nobody looks on: a line a minute.</summary>
internal sealed class ProgressLog(TextWriter writer, TimeProvider time) : IProgress<ProgressReport>
{
    private readonly ProgressThrottle _throttle = new(time, TimeSpan.FromMinutes(1), startsOpen: false);
    private readonly ProgressRate _rate = new(time);

    public void Report(ProgressReport value)
    {
        _rate.Observe(value);
        if (_throttle.TryPass())
        {
            writer.WriteLine($"{HumanText.Time(time.GetUtcNow(), time)} {_rate.Describe(value)}");
        }
    }
}
