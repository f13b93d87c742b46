using System.Globalization;

namespace BackupSidecar.Repository;

/// <summary>Times as the repository writes them: UTC in microseconds since 1970, in names as 16 hexadecimal digits, in documents by RFC 3339.</summary>
internal static class UtcMicroseconds
{
    public const int NameTextLength = 16;

    private const string DocumentFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>The last microsecond that a <see cref="DateTimeOffset"/> can say.</summary>
    private static readonly long Latest = From(DateTimeOffset.MaxValue);

    public static long From(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>True from 1970 to 9999.</summary>
    public static bool IsInRange(long microseconds) => microseconds >= 0 && microseconds <= Latest;

    public static string ToNameText(long microseconds) => microseconds.ToString("x16", CultureInfo.InvariantCulture);

    public static bool TryParseName(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        return text.Length == NameTextLength
            && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out microseconds)
            && IsInRange(microseconds);
    }

    public static string ToDocumentText(long microseconds) => ToTime(microseconds).ToString(DocumentFormat, CultureInfo.InvariantCulture);

    public static bool TryParseDocument(string text, out long microseconds)
    {
        microseconds = 0;
        if (!DateTimeOffset.TryParseExact(text, DocumentFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return false;
        }

        microseconds = From(time);
        return IsInRange(microseconds);
    }
}
