using System.Text.Json.Serialization;

namespace BackupSidecar.Cli.Documents;

/// <summary>What a person is to do while <c>drive login</c> waits.</summary>
/// <param name="Address">To open in a browser.</param>
/// <param name="Code">To type there; null: nothing.</param>
internal sealed record DriveSignInLine(string Address, string? Code)
{
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "sign-in";
}
