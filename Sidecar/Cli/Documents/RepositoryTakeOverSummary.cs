using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>repository take-over</c>.</summary>
/// <param name="Name">Of the repository.</param>
/// <param name="Repository">Where it is.</param>
/// <param name="Lease">The number of the lease in force now.</param>
/// <param name="Instance">Who holds it: this sidecar.</param>
/// <param name="FormerInstance">Who held it before; null: nobody had.</param>
/// <param name="FormerHost">On which host.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record RepositoryTakeOverSummary(string Name, string Repository, long Lease, string Instance, string? FormerInstance, string? FormerHost, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "repository take-over";
}
