using Spectre.Console;
using Spectre.Console.Rendering;

namespace BackupSidecar.Cli.Output;

/// <summary>How much of how much, rate and time left; for a step of unknown length how long it has taken.</summary>
internal sealed class ProgressFiguresColumn : ProgressColumn
{
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(Describe(task));

    private static string Describe(ProgressTask task)
    {
        if (task.IsIndeterminate)
        {
            return task.ElapsedTime is { } elapsed ? HumanText.Duration(elapsed) : "";
        }

        var share = $"{HumanText.Bytes((long)task.Value)} of {HumanText.Bytes((long)task.MaxValue)}";
        return task is { Speed: { } speed, RemainingTime: { } left }
            ? $"{share}, {HumanText.Bytes((long)speed)}/s, {HumanText.Duration(left)} left"
            : share;
    }
}
