using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace BackupSidecar.Primitives;

/// <summary>An unbroken run of changesets of one source. Random, 64 bits; zero means "none".</summary>
/// <remarks>Text form: 16 lowercase hexadecimal digits. Timelines have no order of their own: positions have.</remarks>
internal readonly record struct TimelineId(ulong Value)
{
    public const int TextLength = 16;

    public static TimelineId None => default;

    public bool IsNone => Value == 0;

    public static TimelineId New()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return new TimelineId(BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out TimelineId id)
    {
        id = default;
        if (text.Length != TextLength || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new TimelineId(value);
        return true;
    }

    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
