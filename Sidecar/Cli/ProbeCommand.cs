using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Cli;

/// <summary><c>probe</c>: the health checks of a container, for those that run a program in it.</summary>
internal static class ProbeCommand
{
    /// <summary>Whoever probes has a time limit of its own; past it a serve hangs.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    public static Command Create(CommandExecution execution) => new("probe", "Health checks of a container in which serve runs: exit code 0 or 1.")
    {
        Startup(execution),
        Make("readiness", "Serve answers calls and is not ending.", execution, static status => Probes.Readiness(status.IsEnding)),
        Make("liveness", "Serve answers calls. It never fails because a store or a database is down: a restart would mend neither.", execution, static _ => null),
    };

    private static Command Startup(CommandExecution execution)
    {
        var prepare = new Option<bool>("--prepare") { Description = "Also prepare every database, as a start of its app would: a missing one is filled, a staged restore is put in place. For apps that start after this and make no call themselves." };
        return RemoteCommand.Make("startup", "Serve knows its sources and has looked at each database.", execution, [prepare], async (parsed, sidecar, output, ct) =>
        {
            var status = await LookAsync(sidecar, ct);
            if (parsed.GetValue(prepare))
            {
                foreach (var source in status.Sources)
                {
                    var request = new PrepareDatabaseRequest { Source = source.Name, InstanceId = Guid.NewGuid().ToString("N"), WithoutConfirmation = true };
                    var prepared = await sidecar.CallAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).PrepareDatabaseAsync(request, options), RemoteCommand.AnswerMax, ct);
                    foreach (var warning in prepared.Warnings)
                    {
                        output.Warn(warning);
                    }
                }
            }

            return Tell("startup", Probes.Startup(status.IsResolved, status.Sources), output);
        });
    }

    private static Command Make(string name, string description, CommandExecution execution, Func<ServeStatus, string?> judge) =>
        RemoteCommand.Make(name, description, execution, [], async (_, sidecar, output, ct) => Tell(name, judge(await LookAsync(sidecar, ct)), output));

    private static async ValueTask<ServeStatus> LookAsync(RemoteSidecar sidecar, CancellationToken ct) => StatusMessages.FromMessage(
        (await sidecar.CallAsync((calls, options) => new StatusService.StatusServiceClient(calls).GetStatusAsync(new GetStatusRequest(), options), AnswerMax, ct)).Status);

    private static int Tell(string probe, string? problem, ICommandOutput output)
    {
        var summary = new ProbeSummary(probe, problem is null, problem, problem is null ? ExitCode.Ok : ExitCode.Failed);
        output.Summarize(summary, CliJson.Default.ProbeSummary, writer => writer.WriteLine(problem is null ? $"{probe}: ok" : $"{probe}: not yet, {problem}"));
        return summary.ExitCode;
    }
}
