using System.Globalization;
using System.Security.Cryptography;

namespace BackupSidecar.Primitives;

/// <summary>A 128-bit identifier, random unless its kind says otherwise. <typeparamref name="TKind"/> keeps the kinds apart at compile time.</summary>
/// <remarks>Text form: 32 lowercase hexadecimal digits. Zero means "none" and is never generated.</remarks>
internal readonly record struct Id128<TKind>(UInt128 Value)
{
    public const int TextLength = 32;
    public const int Size = 16;

    public static Id128<TKind> None => default;

    public bool IsNone => Value == UInt128.Zero;

    public static Id128<TKind> New()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads the 16 little-endian bytes that <see cref="Write"/> wrote.</summary>
    public static Id128<TKind> Read(ReadOnlySpan<byte> bytes) =>
        new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    public void Write(Span<byte> destination) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    public static bool TryParse(ReadOnlySpan<char> text, out Id128<TKind> id)
    {
        id = default;
        if (text.Length != TextLength || !UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new Id128<TKind>(value);
        return true;
    }

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
