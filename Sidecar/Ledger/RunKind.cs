using System.Text.Json.Serialization;

namespace BackupSidecar.Ledger;

/// <summary>What a run was for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunKind>))]
internal enum RunKind
{
    Unspecified = 0,

    /// <summary>A position was kept as a backup.</summary>
    [JsonStringEnumMemberName("backup")]
    Backup,

    /// <summary>The newest position was restored to prove that it can be.</summary>
    [JsonStringEnumMemberName("drill")]
    Drill,
}
