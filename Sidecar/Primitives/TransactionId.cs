using System.Globalization;

namespace BackupSidecar.Primitives;

/// <summary>The number of a captured commit of a source: +1 per capture, from 1. Zero means "none".</summary>
/// <remarks>
/// In object names 16 lowercase hexadecimal digits, so that names sort by position; to people a plain decimal number.
/// A new timeline goes on with the next number that no timeline of the source has used, so that in practice a number alone names a position.
/// </remarks>
internal readonly record struct TransactionId(ulong Value) : IComparable<TransactionId>
{
    public const int TextLength = 16;

    public static TransactionId None => default;

    public bool IsNone => Value == 0;

    public TransactionId Next() => new(checked(Value + 1));

    public int CompareTo(TransactionId other) => Value.CompareTo(other.Value);

    public static bool operator <(TransactionId left, TransactionId right) => left.Value < right.Value;

    public static bool operator >(TransactionId left, TransactionId right) => left.Value > right.Value;

    public static bool operator <=(TransactionId left, TransactionId right) => left.Value <= right.Value;

    public static bool operator >=(TransactionId left, TransactionId right) => left.Value >= right.Value;

    /// <summary>Parses the fixed-width form of object names.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TransactionId id)
    {
        id = default;
        if (text.Length != TextLength || !ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new TransactionId(value);
        return true;
    }

    /// <summary>Parses the decimal form that people see and type; from 1.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<char> text, out TransactionId id)
    {
        var parsed = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0;
        id = new TransactionId(parsed ? value : 0);
        return parsed;
    }

    /// <summary>The fixed-width form of object names.</summary>
    public string ToNameText() => Value.ToString("x16", CultureInfo.InvariantCulture);

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
