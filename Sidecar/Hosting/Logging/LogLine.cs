using System.Globalization;
using System.Text;
using System.Text.Json;
using BackupSidecar.Primitives;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Logging;

/// <summary>How an event is written.</summary>
internal static class LogLine
{
    private const string OriginalFormat = "{OriginalFormat}";

    public static string Text(DateTimeOffset at, LogLevel level, string message, string? hint) =>
        $"{Time(at)} {LevelOf(level),-7} {message}{(hint is null ? "" : $" hint: {hint.ReplaceLineEndings(" ")}")}";

    /// <summary>The named values of an event are members beside its message; names in camel case.</summary>
    public static string Json(DateTimeOffset at, LogLevel level, string? name, string message, IReadOnlyList<KeyValuePair<string, object?>> fields, Exception? exception)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("time", Time(at));
            writer.WriteString("level", LevelOf(level));
            if (name is not null)
            {
                writer.WriteString("event", name);
            }

            writer.WriteString("message", message);
            foreach (var (key, value) in fields)
            {
                if (key != OriginalFormat)
                {
                    writer.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(key));
                    Write(writer, value);
                }
            }

            if (exception is OperatorException { Hint: var hint })
            {
                writer.WriteString("hint", hint);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
