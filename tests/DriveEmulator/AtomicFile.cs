using System.Text.Json;

namespace BackupSidecar.DriveEmulator;

/// <summary>Small files of the state: written beside their place and renamed into it, so that a killed emulator leaves the old one or the new one.</summary>
/// <remarks>
/// Nothing is flushed to the disk: the emulator survives its own death, not the machine's.
/// Written without awaiting, under the lock of whoever owns the state: what is on disk and what is in memory change together.
/// </remarks>
internal static class AtomicFile
{
    /// <summary>The end of a name that is never read: what a killed emulator left of a write.</summary>
    public const string TemporarySuffix = ".new";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(path + TemporarySuffix, bytes);
        File.Move(path + TemporarySuffix, path, overwrite: true);
    }

    public static void WriteJson<T>(string path, T value) => Write(path, JsonSerializer.SerializeToUtf8Bytes(value, Format));

    /// <summary>Null: there is no such file.</summary>
    public static T? ReadJson<T>(string path)
        where T : class =>
        File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Format) : null;

    /// <summary>All of a folder, which is created if it is absent; what was being written when the emulator died is removed.</summary>
    public static IEnumerable<T> ReadAll<T>(string folder)
        where T : class
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder).ToList())
        {
            if (path.EndsWith(TemporarySuffix, StringComparison.Ordinal))
            {
                File.Delete(path);
            }
            else if (path.EndsWith(".json", StringComparison.Ordinal) && ReadJson<T>(path) is { } value)
            {
                yield return value;
            }
        }
    }
}
