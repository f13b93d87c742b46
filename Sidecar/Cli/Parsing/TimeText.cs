using System.Globalization;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli.Parsing;

/// <summary>A moment as people write it: a time with an offset, or how long ago it was.</summary>
internal static class TimeText
{
    public const string Allowed = "a time with an offset, such as 2026-03-01T12:00:00Z or 2026-03-01T13:00:00+01:00, or how long ago, such as '10 minutes ago', '2h ago' or '1 day 12 hours ago'";

    /// <summary>Nothing was backed up longer ago, and sums stay far from overflowing.</summary>
    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(1_000_000);

    private static readonly Dictionary<string, TimeSpan> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["s"] = TimeSpan.FromSeconds(1),
        ["sec"] = TimeSpan.FromSeconds(1),
        ["second"] = TimeSpan.FromSeconds(1),
        ["m"] = TimeSpan.FromMinutes(1),
        ["min"] = TimeSpan.FromMinutes(1),
        ["minute"] = TimeSpan.FromMinutes(1),
        ["h"] = TimeSpan.FromHours(1),
        ["hour"] = TimeSpan.FromHours(1),
        ["d"] = TimeSpan.FromDays(1),
        ["day"] = TimeSpan.FromDays(1),
        ["w"] = TimeSpan.FromDays(7),
        ["week"] = TimeSpan.FromDays(7),
    };

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        if (RfcTime.TryParse(text, out time))
        {
            return true;
        }

        time = now;
        const string Ago = "ago";
        var rest = text.AsSpan().Trim();
        if (!rest.EndsWith(Ago, StringComparison.OrdinalIgnoreCase) || !TryParseSpan(rest[..^Ago.Length], out var span))
        {
            return false;
        }

        time = span < now - DateTimeOffset.MinValue ? now - span : DateTimeOffset.MinValue;
        return true;
    }

    /// <summary>Numbers with units, in any number: "10 minutes", "1h 30m".</summary>
    private static bool TryParseSpan(ReadOnlySpan<char> text, out TimeSpan span)
    {
        span = TimeSpan.Zero;
        var rest = text.Trim();
        var isGiven = !rest.IsEmpty;
        while (!rest.IsEmpty)
        {
            var digits = Length(rest, char.IsAsciiDigit);
            var afterNumber = rest[digits..].TrimStart();
            var letters = Length(afterNumber, char.IsAsciiLetter);
            if (!uint.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || UnitOf(afterNumber[..letters]) is not { } unit
                || number > (SpanMax - span) / unit)
            {
                return false;
            }

            span += number * unit;
            rest = afterNumber[letters..].TrimStart();
        }

        return isGiven;
    }

    private static int Length(ReadOnlySpan<char> text, Func<char, bool> isPart)
    {
        var length = 0;
        while (length < text.Length && isPart(text[length]))
        {
            length++;
        }

        return length;
    }

    private static TimeSpan? UnitOf(ReadOnlySpan<char> word)
    {
        var name = word.ToString();
        return Units.TryGetValue(name, out var unit) || (name.Length > 3 && name[^1] is 's' or 'S' && Units.TryGetValue(name[..^1], out unit)) ? unit : null;
    }
}
