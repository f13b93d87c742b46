using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace BackupSidecar.Store.GoogleDrive;

/// <summary>The content of a lease's file: whom it is for, and what he announced last.</summary>
/// <remarks>
/// <code>
/// offset  size
///      0     8  "BSLEASE1"
///      8     4  length of the lease's content, little-endian
///     12     4  length of the announcement, little-endian; 0xFFFFFFFF: none yet
///     16     …  content, then announcement; nothing after it
/// </code>
/// </remarks>
internal static class LeaseEnvelope
{
    private const int HeaderSize = 16;
    private const uint None = uint.MaxValue;

    private static ReadOnlySpan<byte> Magic => "BSLEASE1"u8;

    public static byte[] Write(ReadOnlySpan<byte> content, ReadOnlyMemory<byte>? announcement)
    {
        var bytes = new byte[HeaderSize + content.Length + (announcement?.Length ?? 0)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), announcement is { } given ? (uint)given.Length : None);
        content.CopyTo(bytes.AsSpan(HeaderSize));
        announcement?.Span.CopyTo(bytes.AsSpan(HeaderSize + content.Length));
        return bytes;
    }

    /// <returns>False: it is something else, or not all of it.</returns>
    public static bool TryRead(byte[] bytes, [NotNullWhen(true)] out byte[]? content, out byte[]? announcement)
    {
        (content, announcement) = (null, null);
        if (bytes.Length < HeaderSize || !bytes.AsSpan().StartsWith(Magic))
        {
            return false;
        }

        var contentLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        var announcementLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
        if ((ulong)bytes.Length != HeaderSize + (ulong)contentLength + (announcementLength == None ? 0 : announcementLength))
        {
            return false;
        }

        content = bytes[HeaderSize..(HeaderSize + (int)contentLength)];
        announcement = announcementLength == None ? null : bytes[(HeaderSize + (int)contentLength)..];
        return true;
    }
}
