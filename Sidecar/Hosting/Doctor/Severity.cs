using System.Text.Json.Serialization;

namespace BackupSidecar.Hosting.Doctor;

/// <summary>What a finding means for backups.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
internal enum Severity
{
    Unspecified = 0,

    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It could not be looked at.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>It works, and somebody should know.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>Commits could be missed, or nothing can be backed up.</summary>
    [JsonStringEnumMemberName("unsafe")]
    Unsafe,
}
