using System.CommandLine;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;

namespace BackupSidecar.Cli;

/// <summary><c>config check</c>: every problem of a configuration, or what is in effect.</summary>
internal static class ConfigCommand
{
    public static Command Create(CommandExecution execution)
    {
        var config = CommonOptions.Config();
        var check = new Command("check", "Print every problem of the configuration, or the one in effect as JSON, secrets hidden.") { config };
        check.SetAction((parsed, _) => execution.RunAsync(parsed, json: null, mayAbandon: true, (_, _) => ValueTask.FromResult(
            Check(new ConfigurationSources { File = parsed.GetValue(config), Variables = execution.Surroundings.Variables() }, execution.Surroundings))));
        return new Command("config", "Look at the configuration of serve.") { check };
    }

    private static int Check(ConfigurationSources configuration, Surroundings surroundings)
    {
        var loaded = configuration.Load();
        if (loaded.Problems.Count == 0)
        {
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
