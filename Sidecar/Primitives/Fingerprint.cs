using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace BackupSidecar.Primitives;

/// <summary>A fingerprint of a whole database: the sum mod 2^128 of its page hashes, plus a hash of its shape.</summary>
/// <remarks>
/// A sum and not XOR: a page applied twice must show. It follows a change in O(changed pages): subtract the old hashes, add the new.
/// It proves that a database was put together rightly, not who wrote it. The all-zero value stands for "no database".
/// </remarks>
internal readonly record struct Fingerprint(UInt128 Value)
{
    public const int Size = 16;

    private const long ShapeSeed = 0x4253_5348_4150_4531;

    public static Fingerprint None => default;

    /// <summary>The fingerprint of a database of this shape whose page hashes have this sum.</summary>
    public static Fingerprint Of(DatabaseShape shape, UInt128 sumOfPageHashes) => new(unchecked(sumOfPageHashes + HashOf(shape)));

    public static Fingerprint Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    /// <summary>The sum of page hashes that, with this shape, gives this fingerprint.</summary>
    public UInt128 SumOfPageHashes(DatabaseShape shape) => unchecked(Value - HashOf(shape));

    public static bool TryParse(ReadOnlySpan<char> text, out Fingerprint fingerprint)
    {
        fingerprint = default;
        if (text.Length != 2 * Size || !UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        fingerprint = new Fingerprint(value);
        return true;
    }

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    private static UInt128 HashOf(DatabaseShape shape)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, shape.PageSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], shape.PageCount);
        return XxHash128.HashToUInt128(bytes, ShapeSeed);
    }
}
