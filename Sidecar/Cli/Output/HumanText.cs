using System.Globalization;

namespace BackupSidecar.Cli.Output;

/// <summary>Sizes, times and counts as people read them.</summary>
internal static class HumanText
{
    private static readonly string[] Units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Three digits: "512 B", "1.50 KiB", "97.7 MiB".</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1024)
        {
            return $"{bytes} B";
        }

        var value = bytes / 1024.0;
        var unit = 0;
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format = value < 9.995 ? "0.00" : value < 99.95 ? "0.0" : "0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 page", "2 pages".</summary>
    public static string Count(long count, string singular) => $"{Count(count)} {singular}{(count == 1 ? "" : "s")}";

    /// <summary>"35 ms", "2.4 s", "3 min 20 s", "5 h 10 min", "12 days".</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalMilliseconds: < 999.5 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, duration.TotalMilliseconds):0} ms"),
        { TotalSeconds: < 99.95 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
        { TotalMinutes: < 60 } => $"{(int)duration.TotalMinutes} min {duration.Seconds} s",
        { TotalHours: < 48 } => $"{(int)duration.TotalHours} h {duration.Minutes} min",
        _ => $"{Count((long)duration.TotalDays)} days",
    };

    /// <summary>In the zone of whoever reads it, with its offset.</summary>
    public static string Time(DateTimeOffset utc, TimeProvider time) =>
        TimeZoneInfo.ConvertTime(utc, time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>How long ago that was. The clocks of two hosts may differ: the future is said to be that.</summary>
    public static string Age(DateTimeOffset utc, TimeProvider time)
    {
        var age = time.GetUtcNow() - utc;
        return age < TimeSpan.Zero ? $"{Duration(-age)} in the future of this host's clock" : $"{Duration(age)} ago";
    }

    /// <summary>The first eight digits: enough to name a backup or pack on a command line.</summary>
    public static string ShortId(string id) => id[..8];
}
