using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Cli;

/// <summary><c>whoami</c>: what a running serve takes this command for.</summary>
internal static class WhoAmICommand
{
    public static Command Create(CommandExecution execution) => RemoteCommand.Make("whoami", "Show what a running serve takes you for, and what you may call.", execution, [], async (_, sidecar, output, ct) =>
    {
        var response = await sidecar.CallAsync((calls, options) => new ConfigurationService.ConfigurationServiceClient(calls).WhoAmIAsync(new WhoAmIRequest(), options), RemoteCommand.AnswerMax, ct);
        var summary = new WhoAmISummary(response.Role.ToString().ToLowerInvariant(), [.. response.Methods], ExitCode.Ok);
        output.Summarize(summary, CliJson.Default.WhoAmISummary, writer =>
        {
            writer.WriteLine($"Role: {summary.Role}. It may call:");
            foreach (var method in summary.Methods)
            {
                writer.WriteLine($"  {method}");
            }
        });
        return ExitCode.Ok;
    });
}
