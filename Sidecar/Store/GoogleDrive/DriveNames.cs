using System.Security.Cryptography;
using System.Text;
using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Client;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>How objects stand in the flat folder: the file's name is the object's, and its directories are properties that a listing can ask for.</summary>
/// <remarks>
/// <c>dir1</c> is the name's first directory, <c>dir2</c> the first two, and so on for <see cref="LevelsMax"/>: so whatever lies below a directory, at any depth, is one query.
/// A property may have 124 bytes, key and value together; a longer directory stands there as the SHA-256 of its text, which holds a ':' as no directory does.
/// </remarks>
internal static class DriveNames
{
    /// <summary>A file may have 30 properties of an application. What lies deeper is asked for by its first levels.</summary>
    public const int LevelsMax = 8;

    private const int PropertyLengthMax = 124;
    private const int RandomDigits = 32;

    public static Dictionary<string, string> PropertiesOf(ObjectName name)
    {
        var segments = name.ToString().Split('/');
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var level = 1; level <= Math.Min(segments.Length - 1, LevelsMax); level++)
        {
            properties.Add(KeyOf(level), ValueOf(level, string.Join('/', segments[..level])));
        }

        return properties;
    }

    /// <summary>What finds every object whose name starts with the prefix, and maybe more; empty: all. Null: there can be none.</summary>
    public static string? QueryFor(string prefix)
    {
        var end = prefix.LastIndexOf('/');
        if (end < 0)
        {
            return "";
        }

        if (!ObjectName.TryParse(prefix[..end], out var directory))
        {
            return null;
        }

        var segments = directory.ToString().Split('/');
        var level = Math.Min(segments.Length, LevelsMax);
        return $"appProperties has {{ key='{KeyOf(level)}' and value='{ValueOf(level, string.Join('/', segments[..level]))}' }}";
    }

    public static string QueryFor(ObjectName name) => $"name = '{name}'";

    /// <summary>False for what is no object of ours: folders, Google's own documents, and names that no object has.</summary>
    public static bool TryRead(DriveFile file, out ObjectName name) => ObjectName.TryParse(file.Name ?? "", out name) && file.MimeType is null or DriveFile.ContentType && file.Size is not null;

    /// <summary>True if the name holds an id of 128 random bits, so that nobody else can have chosen it.</summary>
    public static bool IsRandom(ObjectName name)
    {
        var digits = 0;
        foreach (var c in name.ToString().AsSpan()[(name.ToString().LastIndexOf('/') + 1)..])
        {
            digits = char.IsAsciiHexDigitLower(c) ? digits + 1 : 0;
            if (digits == RandomDigits)
            {
                return true;
            }
        }

        return false;
    }

    private static string KeyOf(int level) => $"dir{level}";

    private static string ValueOf(int level, string directory) => KeyOf(level).Length + directory.Length <= PropertyLengthMax
        ? directory
        : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(directory)));
}
