using System.Globalization;
using System.IO.Hashing;
using System.Text;
using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>Where the requests of a day are remembered over restarts: one small file that is replaced whole.</summary>
/// <remarks>One line of ASCII: the day, a space, the requests, a space, and the XXH3-128 of what stands before it.</remarks>
/// <param name="path">Its directory is made when it is written.</param>
internal sealed class RequestDayFile(string path)
{
    private const string DayFormat = "yyyy-MM-dd";
    private const int LengthMax = 100;

    /// <returns>Null: there is none.</returns>
    /// <exception cref="StoreException">It is damaged, or cannot be read.</exception>
    public RequestDay? Read()
    {
        try
        {
            return !File.Exists(path) ? null : new FileInfo(path).Length <= LengthMax && Parse(File.ReadAllText(path)) is { } day ? day : throw new StoreException(
                FailureKind.Failed, $"'{path}', which counts today's requests to Google Drive, is damaged.", "Nothing is to be done: it is made anew, and today's requests are counted from zero.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                FailureKind.Failed, $"Cannot read '{path}', which counts today's requests to Google Drive: {e.Message}", "Check the permissions of the state directory. Today's requests are counted from zero.", e);
        }
    }

    /// <summary>Returns when it is on the disk.</summary>
    /// <exception cref="StoreException">It cannot be written; the one from before is whole.</exception>
    public void Write(RequestDay day)
    {
        PrivateFile.CreateDirectory(Path.GetDirectoryName(path)!);
        var text = string.Create(CultureInfo.InvariantCulture, $"{day.Day.ToString(DayFormat, CultureInfo.InvariantCulture)} {day.Requests}");
        PrivateFile.Write(path, Encoding.ASCII.GetBytes($"{text} {ChecksumOf(text)}\n"));
    }

    private static RequestDay? Parse(string text)
    {
        var parts = text.Split(' ');
        return parts is [var day, var requests, var checksum] && checksum == $"{ChecksumOf($"{day} {requests}")}\n"
            && DateOnly.TryParseExact(day, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && int.TryParse(requests, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new RequestDay(date, count) : null;
    }

    private static string ChecksumOf(string text) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));
}
