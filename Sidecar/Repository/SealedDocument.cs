using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A small JSON document that proves its own bytes, for objects whose names are too plain to hold a digest.</summary>
/// <remarks>
/// Byte layout: indented JSON, whose last property is <c>"sha256": "</c>, 64 lowercase hexadecimal digits, <c>"</c>, LF, <c>}</c>, LF.
/// The digest is SHA-256 over all bytes of the document with its own 64 digits set to '0'. So every changed byte is found, white space too,
/// and the check does not depend on how a serializer formats.
/// </remarks>
internal static class SealedDocument
{
    public const int LengthMax = 16 << 10;

    /// <summary>What the digest's property holds while the document is serialized.</summary>
    public static readonly string Unsealed = new('0', Sha256Digest.TextLength);

    private static ReadOnlySpan<byte> Tail => "\"\n}\n"u8;

    public static byte[] Seal<T>(T unsealed, JsonTypeInfo<T> type)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(unsealed, type), (byte)'\n'];
        var digits = DigestOf(bytes);
        if (!bytes.AsSpan().EndsWith(Tail) || digits.IndexOfAnyExcept((byte)'0') >= 0)
        {
            throw new InvalidOperationException($"The digest is not the last property of {typeof(T).Name}.");
        }

        Encoding.ASCII.GetBytes(Sha256Digest.Of(bytes).ToString(), digits);
        return bytes;
    }

    /// <summary>Checks the digest, then the version, then the structure.</summary>
    /// <param name="bytes">The object; changed by this call.</param>
    /// <exception cref="DocumentFormatException">It is not what was written.</exception>
    public static T Open<T>(byte[] bytes, int version, JsonTypeInfo<T> type, string objectName, string location)
    {
        if (bytes.Length < Sha256Digest.TextLength + Tail.Length || !bytes.AsSpan().EndsWith(Tail))
        {
            throw new DocumentFormatException(objectName, location, "it does not end as it was written; it is cut short or damaged");
        }

        var digits = DigestOf(bytes);
        var expected = Encoding.ASCII.GetString(digits);
        digits.Fill((byte)'0');
        var found = Sha256Digest.Of(bytes).ToString();
        if (found != expected)
        {
            throw new DocumentFormatException(objectName, location, $"its bytes have SHA-256 {found}, it says {expected}");
        }

        return DocumentReader.Read(bytes, version, type, reason => new DocumentFormatException(objectName, location, reason));
    }

    private static Span<byte> DigestOf(byte[] bytes) => bytes.AsSpan(bytes.Length - Tail.Length - Sha256Digest.TextLength, Sha256Digest.TextLength);
}
