using System.Text.Json.Serialization;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Reflection-free JSON of the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PausedRecord))]
internal sealed partial class PausedRecordJson : JsonSerializerContext;
