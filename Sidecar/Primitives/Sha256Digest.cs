using System.Buffers.Binary;
using System.Security.Cryptography;

namespace BackupSidecar.Primitives;

/// <summary>A SHA-256 digest. Text form: 64 lowercase hexadecimal digits, in the order that sha256sum prints.</summary>
internal readonly record struct Sha256Digest(UInt128 First, UInt128 Last)
{
    public const int Size = 32;
    public const int TextLength = 64;

    public static Sha256Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> bytes = stackalloc byte[Size];
        SHA256.HashData(content, bytes);
        return Read(bytes);
    }

    public static Sha256Digest Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, First);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Last);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out Sha256Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != TextLength || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        digest = Read(bytes);
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
