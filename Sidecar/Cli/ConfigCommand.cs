using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Hosting.Configuration;

namespace BackupSidecar.Cli;

/// <summary><c>config</c>: every problem of a configuration, or what is in effect.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandExecution execution)
    {
        var config = CommonOptions.Config();
        var check = new Command("check", "Print every problem of the configuration, or the one in effect as JSON, secrets hidden.") { config };
        check.SetAction((parsed, _) => execution.RunAsync(parsed, json: null, mayAbandon: true, (_, _) => ValueTask.FromResult(
            Check(new ConfigurationSources { File = parsed.GetValue(config), Variables = execution.Surroundings.Variables() }, execution.Surroundings))));
        return new Command("config", "Look at the configuration of serve.") { check, Show(execution) };
    }

    private static Command Show(CommandExecution execution) => RemoteCommand.Make("show", "Print the configuration that a running serve has in effect as JSON, secrets hidden.", execution, [], async (_, sidecar, output, ct) =>
    {
        var response = await sidecar.CallAsync(
            (calls, options) => new ConfigurationService.ConfigurationServiceClient(calls).GetConfigurationAsync(new GetConfigurationRequest(), options), RemoteCommand.AnswerMax, ct);
        var summary = new ConfigurationSummary(response.Path.Length == 0 ? null : response.Path, System.Text.Json.Nodes.JsonNode.Parse(response.Json), ExitCode.Ok);
        output.Summarize(summary, CliJson.Default.ConfigurationSummary, writer => writer.WriteLine(response.Json));
        return ExitCode.Ok;
    });

    private static int Check(ConfigurationSources configuration, Surroundings surroundings)
    {
        var loaded = configuration.Load();
        if (loaded.Problems.Count == 0)
        {
            if (loaded.Options.StatePath is { } state)
            {
                ServeCommand.EnsureUsable(state, loaded.Options.Sources);
            }

            surroundings.Out.WriteLine(loaded.EffectiveText());
            return ExitCode.Ok;
        }

        foreach (var problem in loaded.Problems)
        {
            surroundings.Error.WriteLine($"error: {problem}");
        }

        surroundings.Error.WriteLine("hint: docs/configuration.md lists every key and what it can be.");
        return ExitCode.Failed;
    }
}
