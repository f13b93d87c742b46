using System.CommandLine;
using System.CommandLine.Help;
using BackupSidecar.Cli.Demo;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;

namespace BackupSidecar.Cli;

/// <summary>The whole command line. Start reading the room here: each command is one file.</summary>
internal static class CommandLine
{
    public const string ProgramName = "backup-sidecar";

    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => RunAsync(arguments, Surroundings.OfProcess());

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        try
        {
            return await ParseAndRunAsync(arguments, surroundings);
        }
        catch (OutputLostException e)
        {
            // Standard error is what is left, also of a command whose output is for programs.
            new PeopleOutput(surroundings).Fail(Failure.Of(e));
            return ExitCode.Failed;
        }
    }

    private static async Task<int> ParseAndRunAsync(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        // A label may start with '@': no response files.
        var parsed = CreateRoot(surroundings).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not { ClearsParseErrors: true })
        {
            ICommandOutput output = arguments.Contains("--json") ? new JsonOutput(surroundings) : new PeopleOutput(surroundings);
            output.Fail(UsageError.Of(parsed));
            return ExitCode.Failed;
        }

        // Exceptions and signals are the business of CommandExecution.
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = surroundings.Out,
            Error = surroundings.Error,
        });
    }

    private static RootCommand CreateRoot(Surroundings surroundings)
    {
        var execution = new CommandExecution(surroundings);
        var root = new RootCommand("Backs up SQLite databases while applications write to them, and proves that what it stored restores.")
        {
            BackupCommand.Create(execution),
            ListCommand.Create(execution),
            RestoreCommand.Create(execution),
            VerifyCommand.Create(execution),
            InspectCommand.Create(execution),
            ServeCommand.Create(execution),
            StatusCommand.Create(execution),
            EnsureDurableCommand.Create(execution),
            BackupsCommand.Create(execution),
            RestoresCommand.Create(execution),
            LifecycleCommand.Create(execution),
            RunCommand.Create(execution),
            ProbeCommand.Create(execution),
            SourcesCommand.Create(execution),
            WhoAmICommand.Create(execution),
            InstallCommand.Create(execution),
            RepositoryCommand.Create(execution),
            ConfigCommand.Create(execution),
            DoctorCommand.Create(execution),
            DriveCommand.Create(execution),
            DemoCommand.Create(execution),
            CompletionCommand.Create(surroundings),
            DemoWriterCommand.Create(execution),
            CoherenceProbeCommand.Create(execution),
        };

        // The library's own also answers to the names that it has on Windows.
        var help = new HelpOption("--help", "-h");
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        _ = root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Add(help);
        return root;
    }
}
