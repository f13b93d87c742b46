using System.Text.Json.Serialization;

namespace BackupSidecar.Following;

/// <summary>How well what is committed is protected. Later ones are worse.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProtectionLevel>))]
internal enum ProtectionLevel
{
    Unspecified = 0,

    /// <summary>What is committed is stored, or is being stored right now.</summary>
    [JsonStringEnumMemberName("safe")]
    Safe,

    /// <summary>What is stored restores, but newer commits may not be stored, or something needs to be looked at.</summary>
    [JsonStringEnumMemberName("at risk")]
    AtRisk,

    /// <summary>Nothing is stored, or commits have not been stored for so long that a loss would hurt.</summary>
    [JsonStringEnumMemberName("unsafe")]
    Unsafe,
}
