using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace BackupSidecar.Writer;

/// <summary>Everything beside and in a database that a reader must leave alone, as lines of text to compare.</summary>
/// <remarks>
/// Read raw, not through SQLite, which would create files. Of <c>-shm</c> only its presence and identity count: read marks and WAL
/// recovery are written there by every reader.
/// </remarks>
internal static class Surroundings
{
    private const int HeaderSize = 100;

    public static JsonArray Describe(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        JsonArray lines = [];
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            lines.Add(Line(entry));
        }

        if (HeaderOf(path) is { } header)
        {
            lines.Add($"page size {BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16))}, versions {header[18]}/{header[19]}, " +
                $"schema cookie {Word(header, 40)}, auto_vacuum {Word(header, 52)}, user_version {Word(header, 60)}, application_id {Word(header, 68)}");
        }

        return lines;
    }

    private static string Line(string path)
    {
        var status = Libc.Status(path);
        var line = string.Create(
            CultureInfo.InvariantCulture, $"{Path.GetFileName(path)} inode {status.Inode} mode {Convert.ToString(status.Mode, 8)} uid {status.UserId}");
        return path.EndsWith("-shm", StringComparison.Ordinal) || !File.Exists(path)
            ? line
            : $"{line} size {status.Size} modified {status.ModifiedSeconds}.{status.ModifiedNanoseconds:d9} sha256 {HashOf(path)}";
    }

    /// <summary>Chunks of zeros count by their place only, which makes sparse files cheap.</summary>
    private static string HashOf(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (offset, content) in SparseFile.Chunks(path))
        {
            hash.AppendData(BitConverter.GetBytes(offset));
            hash.AppendData(content.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[]? HeaderOf(string path)
    {
        var header = new byte[HeaderSize];
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize ? header : null;
    }

    private static uint Word(byte[] header, int offset) => BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(offset));
}
