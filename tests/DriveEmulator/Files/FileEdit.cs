using System.Text;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Files;

/// <summary>What metadata makes of a file.</summary>
internal static class FileEdit
{
    /// <summary>Of one app on one file.</summary>
    private const int PropertiesMax = 30;

    /// <summary>Key and value together, in UTF-8.</summary>
    private const int PropertyBytesMax = 124;

    /// <summary>The file with what was named changed, at a time.</summary>
    /// <exception cref="DriveException">400: too many or too long properties.</exception>
    public static DriveFile Apply(DriveFile file, FileMetadata metadata, string clientId, DateTimeOffset now) => file with
    {
        Name = metadata.Name ?? file.Name,
        MimeType = metadata.MimeType ?? file.MimeType,
        Description = metadata.Description ?? file.Description,
        OriginalFilename = metadata.OriginalFilename ?? file.OriginalFilename,
        Starred = metadata.Starred ?? file.Starred,
        IsTrashed = metadata.Trashed ?? file.IsTrashed,
        Created = metadata.CreatedTime ?? file.Created,
        Modified = metadata.ModifiedTime ?? now,
        Properties = Merge(file.Properties, metadata.Properties),
        AppProperties = metadata.AppProperties is null ? file.AppProperties : MergeApp(file, metadata, clientId),
    };

    private static Dictionary<string, IReadOnlyDictionary<string, string>> MergeApp(DriveFile file, FileMetadata metadata, string clientId)
    {
        var mine = file.AppProperties.GetValueOrDefault(clientId) ?? new Dictionary<string, string>();
        return new(file.AppProperties, StringComparer.Ordinal) { [clientId] = Merge(mine, metadata.AppProperties) };
    }

    private static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> old, IReadOnlyDictionary<string, string?>? changes)
    {
        if (changes is null)
        {
            return old;
        }

        var merged = new Dictionary<string, string>(old, StringComparer.Ordinal);
        foreach (var (key, value) in changes)
        {
            if (value is null)
            {
                merged.Remove(key);
                continue;
            }

            if (Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value) > PropertyBytesMax)
            {
                throw DriveException.Invalid("appProperties", $"The property '{key}' and its value are longer than {PropertyBytesMax} bytes.");
            }

            merged[key] = value;
        }

        return merged.Count <= PropertiesMax ? merged : throw DriveException.Invalid("appProperties", $"A file has at most {PropertiesMax} properties of an app.");
    }
}
