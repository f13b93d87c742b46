using System.Text.Json.Serialization;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The files that sign-in reads and writes; names with underscores, as Google's own tools have them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(CredentialDocument))]
[JsonSerializable(typeof(ClientDocument))]
[JsonSerializable(typeof(DeviceCodeAnswer))]
[JsonSerializable(typeof(DeviceTokenAnswer))]
internal sealed partial class CredentialJson : JsonSerializerContext;
