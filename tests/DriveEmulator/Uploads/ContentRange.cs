using System.Globalization;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Uploads;

/// <summary>The Content-Range of a piece: <c>bytes 0-262143/500000</c>, with <c>*</c> for a total that is not known yet, or <c>bytes */500000</c> for the question what is stored.</summary>
/// <param name="First">Null: a question, without content.</param>
/// <param name="Last">Inclusive; null: a question.</param>
/// <param name="Total">Null: not known yet.</param>
internal readonly record struct ContentRange(long? First, long? Last, long? Total)
{
    public bool IsQuestion => First is null;

    /// <exception cref="DriveException">400: the header cannot be read, or contradicts itself.</exception>
    public static ContentRange Parse(string header)
    {
        var text = header.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase) ? header["bytes ".Length..].Trim() : throw Bad(header);
        var slash = text.IndexOf('/');
        if (slash < 0)
        {
            throw Bad(header);
        }

        var total = text[(slash + 1)..] is "*" ? (long?)null : Number(text[(slash + 1)..], header);
        if (text[..slash] == "*")
        {
            return new ContentRange(null, null, total);
        }

        var dash = text.IndexOf('-');
        if (dash < 0 || dash > slash)
        {
            throw Bad(header);
        }

        var range = new ContentRange(Number(text[..dash], header), Number(text[(dash + 1)..slash], header), total);
        return range.Last < range.First || range.Last >= total ? throw Bad(header) : range;
    }

    private static long Number(string text, string header) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Bad(header);

    private static DriveException Bad(string header) =>
        new(400, "badRequest", $"Failed to parse Content-Range header: {header}") { Parameter = "Content-Range" };
}
