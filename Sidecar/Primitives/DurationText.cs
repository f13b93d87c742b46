using System.Globalization;

namespace BackupSidecar.Primitives;

/// <summary>Times as they are configured: a whole number and a unit, "100ms", "60s", "5m", "1h", "7d".</summary>
internal static class DurationText
{
    public const string Example = "a whole number and ms, s, m, h or d, such as \"100ms\", \"60s\", \"5m\", \"1h\" or \"7d\"";

    private static readonly (string Suffix, long Ticks)[] Units =
    [
        // "ms" before "m" and "s": the first that fits is taken.
        ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (suffix, ticks) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                if (!long.TryParse(text.AsSpan()[..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > TimeSpan.MaxValue.Ticks / ticks)
                {
                    return false;
                }

                duration = TimeSpan.FromTicks(count * ticks);
                return true;
            }
        }

        return false;
    }

    /// <summary>In the largest unit that gives a whole number.</summary>
    public static string Of(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var (suffix, ticks) = Units.Last(unit => duration.Ticks % unit.Ticks == 0 || unit.Suffix == "ms");
        return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + suffix;
    }
}
