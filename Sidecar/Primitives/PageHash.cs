using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace BackupSidecar.Primitives;

/// <summary>XXH3-128 of a page's bytes, seeded with its page number, so that equal contents at two places differ.</summary>
/// <remarks>It finds accidents, not attacks: authenticity is the cipher's part. All zero stands for the lock-byte page and for a page that does not exist.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct PageHash(UInt128 Value)
{
    public const int Size = 16;

    public static PageHash Of(uint page, ReadOnlySpan<byte> content) => new(XxHash128.HashToUInt128(content, page));

    public override string ToString() => Value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
