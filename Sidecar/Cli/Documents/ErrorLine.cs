namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of a command that failed.</summary>
internal sealed record ErrorLine(string Message, string Hint, int ExitCode)
{
    public string Type { get; } = "error";
}
