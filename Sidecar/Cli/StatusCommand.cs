using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Status;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>status</c>: how the running serve is getting on.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandExecution execution)
    {
        var state = CommonOptions.Text("--state", "DIR", "The state directory of serve. Default: $XDG_STATE_HOME/backup-sidecar or ~/.local/state/backup-sidecar.");
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        var command = new Command("status", "Show how the running serve is getting on with each database.") { state, config, json };
        command.Validators.Add(Rules.AtMostOne(state, config));
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            var configured = parsed.GetValue(state) ?? new ConfigurationSources { File = parsed.GetValue(config), Variables = execution.Surroundings.Variables() }.Load().Options.StatePath;
            return await RunAsync(RepositoryLocation.StateDirectory(configured, execution.Surroundings.Variable), output, execution.Surroundings, ct);
        }));
        return command;
    }

    private static async ValueTask<int> RunAsync(string stateDirectory, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var status = await StatusSocket.AskAsync(StatusSocket.PathIn(stateDirectory), surroundings.Time, ct) ?? throw new OperatorException(
            FailureKind.Failed,
            $"No serve is running with the state directory {Path.GetFullPath(stateDirectory)}.",
            "Start it with 'backup-sidecar serve', or name its state directory with --state or its configuration with --config.");
        output.Summarize(new StatusSummary(status, ExitCode.Ok), CliJson.Default.StatusSummary, writer => StatusTable.Write(writer, status, surroundings));
        return ExitCode.Ok;
    }
}
