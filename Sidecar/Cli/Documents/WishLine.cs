using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>What <c>lifecycle watch</c> was told of. What does not apply is null.</summary>
/// <param name="Restart">Why the app should end soon and start again.</param>
/// <param name="RestartBy">When it should have ended.</param>
/// <param name="UnconfirmedRestoreId">A restore that this instance should confirm.</param>
/// <param name="ConfirmBy">Until when.</param>
internal sealed record WishLine(string? Restart, DateTimeOffset? RestartBy, string? UnconfirmedRestoreId, DateTimeOffset? ConfirmBy)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "wish";
}
