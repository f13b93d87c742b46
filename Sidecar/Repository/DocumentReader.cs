using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BackupSidecar.Repository;

/// <summary>Reads a versioned JSON document that anybody may have written.</summary>
internal static class DocumentReader
{
    /// <returns>Null if it says none, or is no document.</returns>
    public static int? VersionOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, AnyVersionJson.Default.VersionDocument)?.Version;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <param name="utf8">The document; its length was bounded by the caller.</param>
    /// <param name="version">The only version that this program reads.</param>
    /// <param name="type">What it should hold.</param>
    /// <param name="error">Makes the exception from a reason that follows "cannot be used:".</param>
    public static T Read<T>(ReadOnlySpan<byte> utf8, int version, JsonTypeInfo<T> type, Func<string, Exception> error)
    {
        try
        {
            var found = JsonSerializer.Deserialize(utf8, AnyVersionJson.Default.VersionDocument)?.Version;
            if (found != version)
            {
                throw error(found > version
                    ? $"it has format version {found}, this program reads version {version}; use the newer program that wrote it"
                    : $"it says format version {found}, which never existed");
            }

            return JsonSerializer.Deserialize(utf8, type) ?? throw error("it is empty");
        }
        catch (JsonException e)
        {
            throw error($"it is not the document it should be ({e.Message.ReplaceLineEndings(" ")})");
        }
    }
}
