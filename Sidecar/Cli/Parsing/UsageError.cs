using System.CommandLine;
using System.CommandLine.Parsing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Parsing;

/// <summary>The first thing that is wrong with a command line, in one line.</summary>
internal static class UsageError
{
    public static Failure Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var name = string.Join(' ', PathTo(parsed.CommandResult));
        return new Failure(ExitCode.Failed, Describe(parsed, command), $"'{name} --help' shows what it takes.", Details: null);
    }

    private static IEnumerable<string> PathTo(CommandResult result) => result switch
    {
        { Command: RootCommand } => [CommandLine.ProgramName],
        { Parent: CommandResult parent } => [.. PathTo(parent), result.Command.Name],
        _ => [CommandLine.ProgramName, result.Command.Name],
    };

    private static string Describe(ParseResult parsed, Command command)
    {
        // A word that nobody knows explains the rest: what is missing may only be misspelled.
        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var candidates = command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name)
                .Concat(command.Options.Where(option => !option.Hidden).Select(option => option.Name));
            var suggestion = Suggestion.For(unknown, candidates) is { } near ? $" Did you mean '{near}'?" : "";
            return $"Unrecognized {(unknown.StartsWith('-') ? "option" : "command or argument")} '{unknown}'.{suggestion}";
        }

        var message = parsed.Errors[0].Message.ReplaceLineEndings(" ");
        return command.Subcommands.Count > 0
            ? $"Name a command: {string.Join(", ", command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name))}."
            : message;
    }
}
