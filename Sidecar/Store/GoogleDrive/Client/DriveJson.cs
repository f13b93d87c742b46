using System.Text.Json.Serialization;
using Google.Apis.Requests;
using Google.Apis.Util;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>The JSON of the API: camel case, 64-bit numbers as strings.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(DriveFile))]
[JsonSerializable(typeof(FileList))]
[JsonSerializable(typeof(GeneratedIds))]
[JsonSerializable(typeof(About))]
[JsonSerializable(typeof(SharedDrive))]
[JsonSerializable(typeof(StandardResponse<object>))]
[JsonSerializable(typeof(RequestError))]
internal sealed partial class DriveJson : JsonSerializerContext;
