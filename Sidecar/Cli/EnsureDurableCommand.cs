using System.CommandLine;
using System.Globalization;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>ensure-durable</c>: waits until what an app has committed can be restored.</summary>
internal static class EnsureDurableCommand
{
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromMinutes(1);

    public static Command Create(CommandExecution execution)
    {
        var source = RemoteCommand.Source();
        var level = CommonOptions.Choice("--level", "Where it must be restorable.", "local", "local", "remote");
        var timeout = CommonOptions.Text("--timeout", "D", $"How long to wait at most. Default: {DurationText.Of(TimeoutDefault)}.");
        timeout.Validators.Add(Rules.Duration(min: null, TimeSpan.FromDays(1)));
        return RemoteCommand.Make(
            "ensure-durable", "Wait until everything that was committed before this command can be restored from the repository of a running serve.", execution, [source, level, timeout],
            (parsed, sidecar, output, ct) =>
            {
                var request = new EnsureDurableRequest
                {
                    Source = parsed.GetValue(source) ?? "",
                    Level = parsed.GetValue(level) == "remote" ? DurabilityLevel.Remote : DurabilityLevel.Local,
                };
                var patience = parsed.GetValue(timeout) is { } text && DurationText.TryParse(text, out var given) ? given : TimeoutDefault;
                return RunAsync(sidecar, request, patience, output, execution.Surroundings.Time, ct);
            });
    }

    private static async ValueTask<int> RunAsync(RemoteSidecar sidecar, EnsureDurableRequest request, TimeSpan patience, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        EnsureDurableResponse response;
        try
        {
            response = await sidecar.CallAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).EnsureDurableAsync(request, options), patience, ct);
        }
        catch (LateAnswerException e)
        {
            var (where, shown) = request.Level == DurabilityLevel.Remote ? ("from another repository", "the repository and whether it can be reached") : ("from the repository", "what it waits for");
            throw new OperatorException(
                FailureKind.Failed,
                $"Not everything that was committed can be restored {where} after {DurationText.Of(patience)}, as far as is known.",
                $"'backup-sidecar status' shows {shown}. serve goes on trying; ask again, or with a longer --timeout.",
                e);
        }

        var milliseconds = time.GetElapsedTime(started).TotalMilliseconds;
        output.Summarize(
            new EnsureDurableSummary(response.Position.Number, response.Position.Timeline, Math.Round(milliseconds, 3), ExitCode.Ok),
            CliJson.Default.EnsureDurableSummary,
            writer => writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Restorable: position {response.Position.Number} on timeline {response.Position.Timeline}, after {milliseconds:0} ms.")));
        return ExitCode.Ok;
    }
}
