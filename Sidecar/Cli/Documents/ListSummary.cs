namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>list</c>.</summary>
internal sealed record ListSummary(string Repository, string RepositoryId, IReadOnlyList<ListedSource> Sources, int ExitCode)
{
    public string Type { get; } = "summary";

    public string Command { get; } = "list";
}
