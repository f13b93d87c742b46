using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>The last line of <c>lifecycle prepare</c>, <c>confirm</c> and <c>extend</c>. What does not apply is null.</summary>
/// <param name="Preparation">"existing", "restored", "rolled back" or "empty".</param>
/// <param name="RestoreId">The restore that put the database in place or took it back, or that was confirmed.</param>
/// <param name="ConfirmBy">Until when it must be confirmed.</param>
/// <param name="Restart">Why the app should end soon and start again.</param>
/// <param name="Warnings">Sentences for the log of the app.</param>
/// <param name="ExitCode">Of the command.</param>
internal sealed record LifecycleSummary(string? Preparation, string? RestoreId, DateTimeOffset? ConfirmBy, string? Restart, IReadOnlyList<string> Warnings, int ExitCode)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "summary";

    [JsonPropertyOrder(-1)]
    public string Command { get; } = "lifecycle";
}
