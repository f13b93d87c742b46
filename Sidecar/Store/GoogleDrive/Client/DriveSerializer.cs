using System.Text.Json;
using Google.Apis;
using Google.Apis.Json;

namespace BackupSidecar.Store.GoogleDrive.Client;

/// <summary>The library's serializer on generated code: its own needs reflection over our types.</summary>
internal sealed class DriveSerializer : IJsonSerializer
{
    public static DriveSerializer Instance { get; } = new();

    public string Format => "json";

    public void Serialize(object obj, Stream target) => JsonSerializer.Serialize(target, obj, obj.GetType(), DriveJson.Default);

    public string Serialize(object obj) => JsonSerializer.Serialize(obj, obj.GetType(), DriveJson.Default);

    public T Deserialize<T>(string input) => (T)Deserialize(input, typeof(T))!;

    /// <returns>Null for an empty answer, such as that of a delete.</returns>
    public object Deserialize(string input, Type type) =>
        string.IsNullOrWhiteSpace(input) || type == typeof(string) ? (type == typeof(string) ? input : null!) : JsonSerializer.Deserialize(input, type, DriveJson.Default)!;

    public T Deserialize<T>(Stream input) => (T)JsonSerializer.Deserialize(input, typeof(T), DriveJson.Default)!;
}
