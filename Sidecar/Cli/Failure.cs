using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary>What a person is told when a command fails.</summary>
/// <param name="ExitCode">Of <see cref="Cli.ExitCode"/>.</param>
/// <param name="Message">One line.</param>
/// <param name="Hint">One line: the next thing to do.</param>
/// <param name="Details">For developers; null unless this is a mistake of ours.</param>
internal sealed record Failure(int ExitCode, string Message, string Hint, string? Details)
{
    public static Failure Interrupted { get; } = new(
        Cli.ExitCode.Interrupted, "Interrupted. Nothing unfinished is visible, in the repository or beside a database.", "Run the command again.", Details: null);

    public static Failure Of(Exception exception) => exception switch
    {
        OperatorException e => new Failure(Cli.ExitCode.Of(e.Kind), OneLine(e.Message), OneLine(e.Hint), Details: null),
        FileNotFoundException when !Directory.Exists(".") => new Failure(
            Cli.ExitCode.Failed, "The current directory does not exist any more.", "Change to another directory, or name every path from the root.", Details: null),
        UnauthorizedAccessException e => new Failure(
            Cli.ExitCode.Failed, OneLine(e.Message), $"Give user {ProcessUser.Name} access to it, or run as the user that owns it.", Details: null),
        IOException e => new Failure(
            Cli.ExitCode.Failed, OneLine(e.Message), "Check that path, the free space and the mount of its volume, then run the command again.", Details: null),
        _ => new Failure(
            Cli.ExitCode.Failed,
            $"{exception.GetType().Name}: {OneLine(exception.Message)}",
            "This is a mistake in this program, please report it. BACKUPSIDECAR_DEBUG=1 shows the details.",
            exception.ToString()),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
