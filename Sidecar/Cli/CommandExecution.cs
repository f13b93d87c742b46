using System.CommandLine;
using System.Runtime.InteropServices;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli;

/// <summary>Runs the body of a command: gives it its output, stops it on a signal, turns what it throws into an exit code.</summary>
internal sealed class CommandExecution(Surroundings surroundings)
{
    /// <summary>How long work that was asked to stop may take to do so, before the process ends under it. What is not published by then is swept by the next writer.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromMilliseconds(700);

    /// <summary>Signals this close to the first one are the same one: a terminal and a wrapper such as timeout(1) both send it.</summary>
    private static readonly TimeSpan EchoMax = TimeSpan.FromMilliseconds(300);

    public Surroundings Surroundings => surroundings;

    /// <param name="parsed">Says whether the output is for programs.</param>
    /// <param name="json">The command's option for that; null if it has none.</param>
    /// <param name="mayAbandon">False for work that must come to its own end even if that takes longer than <see cref="StopMax"/>.</param>
    /// <param name="body">Returns the exit code.</param>
    public Task<int> RunAsync(ParseResult parsed, Option<bool>? json, bool mayAbandon, Func<ICommandOutput, CancellationToken, ValueTask<int>> body) =>
        RunAsync(parsed, json, mayAbandon, body, onHangUp: null);

    /// <param name="parsed">Says whether the output is for programs.</param>
    /// <param name="json">The command's option for that; null if it has none.</param>
    /// <param name="mayAbandon">False for work that must come to its own end even if that takes longer than <see cref="StopMax"/>.</param>
    /// <param name="body">Returns the exit code.</param>
    /// <param name="onHangUp">What SIGHUP does in place of an interruption; null: it is one.</param>
    public async Task<int> RunAsync(ParseResult parsed, Option<bool>? json, bool mayAbandon, Func<ICommandOutput, CancellationToken, ValueTask<int>> body, Action? onHangUp)
    {
        ICommandOutput output = json is not null && parsed.GetValue(json) ? new JsonOutput(surroundings) : new PeopleOutput(surroundings);
        using var stop = new CancellationTokenSource();
        long firstSignal = 0;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangUp);
        try
        {
            // On the pool, since parts of it run for long without a wait.
            var work = Task.Run(async () => await body(output, stop.Token));
            return mayAbandon ? await WaitOrAbandonAsync(work, stop.Token) : await work;
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException)
        {
            output.Fail(Failure.Interrupted);
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is not OutputLostException && Failure.Of(e) is { } failure)
        {
            output.Fail(failure);
            return failure.ExitCode;
        }

        void OnHangUp(PosixSignalContext context)
        {
            if (onHangUp is null)
            {
                OnSignal(context);
                return;
            }

            context.Cancel = true;
            onHangUp();
        }

        void OnSignal(PosixSignalContext context)
        {
            // A later one is not held back: it ends the process as if it had no handler.
            var now = surroundings.Time.GetTimestamp();
            var first = Interlocked.CompareExchange(ref firstSignal, now, 0);
            context.Cancel = first == 0 || surroundings.Time.GetElapsedTime(first, now) < EchoMax;
            stop.Cancel();
        }
    }

    /// <summary>For a body that has signals handled by itself.</summary>
    /// <param name="parsed">Says whether the output is for programs.</param>
    /// <param name="json">The command's option for that.</param>
    /// <param name="body">Returns the exit code.</param>
    public async Task<int> RunWithoutSignalsAsync(ParseResult parsed, Option<bool> json, Func<ICommandOutput, ValueTask<int>> body)
    {
        ICommandOutput output = parsed.GetValue(json) ? new JsonOutput(surroundings) : new PeopleOutput(surroundings);
        try
        {
            return await Task.Run(async () => await body(output));
        }
        catch (Exception e) when (e is not OutputLostException && Failure.Of(e) is { } failure)
        {
            output.Fail(failure);
            return failure.ExitCode;
        }
    }

    private async Task<int> WaitOrAbandonAsync(Task<int> work, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stop.Register(stopped.SetResult);
        if (await Task.WhenAny(work, stopped.Task) != work)
        {
            await Task.WhenAny(work, Task.Delay(StopMax, surroundings.Time, CancellationToken.None));
        }

        return work.IsCompleted ? await work : throw new OperationCanceledException(stop);
    }
}
