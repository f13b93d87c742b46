using System.CommandLine;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;

namespace BackupSidecar.Cli.Remote;

/// <summary>Makes commands that ask a running serve.</summary>
internal static class RemoteCommand
{
    /// <summary>How long a call may take that reads the repository at most.</summary>
    public static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(1);

    public delegate ValueTask<int> Run(ParseResult parsed, RemoteSidecar sidecar, ICommandOutput output, CancellationToken ct);

    /// <param name="name">Of the command.</param>
    /// <param name="description">For its help.</param>
    /// <param name="execution">Runs it.</param>
    /// <param name="parts">Its options and arguments, beside the address and --json.</param>
    /// <param name="run">Returns the exit code.</param>
    public static Command Make(string name, string description, CommandExecution execution, IEnumerable<Symbol> parts, Run run)
    {
        var address = new SidecarAddress();
        var json = CommonOptions.Json();
        var command = new Command(name, description);
        foreach (var part in parts)
        {
            if (part is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)part);
            }
        }

        address.AddTo(command);
        command.Add(json);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            using var sidecar = address.Connect(parsed, output, execution.Surroundings);
            return await run(parsed, sidecar, output, ct);
        }));
        return command;
    }

    public static Option<string> Source() => CommonOptions.Text("--source", "NAME", "The source; needed where serve follows several.");
}
