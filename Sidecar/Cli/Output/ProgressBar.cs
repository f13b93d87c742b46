using BackupSidecar.Primitives;
using Spectre.Console;

namespace BackupSidecar.Cli.Output;

/// <summary>Progress where somebody looks on: one bar, which is gone when the work is done.</summary>
internal sealed class ProgressBar : IProgress<ProgressReport>
{
    /// <summary>As often as an eye can follow.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>With the name of a step and the longest figures it stays in one line of a terminal of 80 columns.</summary>
    private const int BarWidth = 12;

    private readonly ProgressContext _context;
    private readonly ProgressThrottle _throttle;
    private readonly Lock _gate = new();
    private ProgressTask? _task;
    private string _step = "";

    private ProgressBar(ProgressContext context, TimeProvider time)
    {
        _context = context;
        _throttle = new ProgressThrottle(time, Interval, startsOpen: true);
    }

    public static async ValueTask<T> RunAsync<T>(TextWriter terminal, TimeProvider time, Func<IProgress<ProgressReport>, ValueTask<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new TerminalOutput(terminal) });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new ProgressFiguresColumn())
            .StartAsync(async context => await work(new ProgressBar(context, time)));
    }

    public void Report(ProgressReport value)
    {
        if (value.Step == _step && !_throttle.TryPass())
        {
            return;
        }

        lock (_gate)
        {
            if (_task is null || value.Step != _step)
            {
                Begin(value.Step);
            }

            _task!.IsIndeterminate = value.TotalBytes == 0;
            _task.MaxValue = Math.Max(1, value.TotalBytes);
            _task.Value = value.DoneBytes;
        }
    }

    /// <summary>Each step is a bar of its own, so that rate and time left are those of the step.</summary>
    private void Begin(string step)
    {
        if (_task is not null)
        {
            _context.RemoveTask(_task);
        }

        _step = step;
        _task = _context.AddTask(Markup.Escape(step));
    }
}
