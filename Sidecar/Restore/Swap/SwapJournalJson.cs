using System.Text.Json.Serialization;

namespace BackupSidecar.Restore.Swap;

/// <summary>Reflection-free JSON of the marker.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SwapJournal))]
internal sealed partial class SwapJournalJson : JsonSerializerContext;
