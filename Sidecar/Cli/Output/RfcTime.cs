using System.Globalization;

namespace BackupSidecar.Cli.Output;

/// <summary>Times as programs read them: RFC 3339.</summary>
internal static class RfcTime
{
    private static readonly string[] Formats = [.. Fractions().Select(fraction => $"yyyy-MM-dd'T'HH:mm:ss{fraction}zzz")];

    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Needs an offset or 'Z': a time without one would mean another moment on another host.</summary>
    public static bool TryParse(string text, out DateTimeOffset time)
    {
        // RFC 3339 allows a space for the 'T', and small letters.
        var plain = text.Length > 10 && text[10] is ' ' or 't' ? $"{text[..10]}T{text[11..]}" : text;
        plain = plain.EndsWith('Z') || plain.EndsWith('z') ? plain[..^1] + "+00:00" : plain;
        return DateTimeOffset.TryParseExact(plain, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    private static IEnumerable<string> Fractions() => ["", .. Enumerable.Range(1, 7).Select(digits => "." + new string('f', digits))];
}
