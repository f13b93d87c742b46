using System.Text.Json.Serialization;

namespace BackupSidecar.Lifecycle;

/// <summary>Reflection-free JSON of the journal.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(SourceRestores))]
internal sealed partial class SourceRestoresJson : JsonSerializerContext;
