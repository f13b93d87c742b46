using System.Text.Json;
using System.Text.Json.Serialization;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli.Documents;

/// <summary>Times with 'Z' and six digits after the second, whatever offset they came with.</summary>
internal sealed class RfcTimeConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RfcTime.TryParse(reader.GetString() ?? "", out var time) ? time : throw new JsonException("Not a time of RFC 3339.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(RfcTime.Of(value));
}
