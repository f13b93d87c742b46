using System.Text.Json.Serialization;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>The journal's files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UploadRecord))]
internal sealed partial class UploadJson : JsonSerializerContext;
