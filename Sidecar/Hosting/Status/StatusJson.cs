using System.Text.Json.Serialization;

namespace BackupSidecar.Hosting.Status;

/// <summary>The document of the status socket.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = false)]
[JsonSerializable(typeof(ServeStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
