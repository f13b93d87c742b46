namespace BackupSidecar.Cli.Documents;

/// <summary>Something wrong with what was stored earlier.</summary>
internal sealed record DoubtLine(string Message, string Hint)
{
    public string Type { get; } = "doubt";
}
