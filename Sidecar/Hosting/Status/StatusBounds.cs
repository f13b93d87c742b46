using System.Globalization;
using BackupSidecar.Following;

namespace BackupSidecar.Hosting.Status;

/// <summary>Keeps the document of the status socket small, whatever an error message or a misconfigured directory says: below 30 KB a source, and 200 KB beside them.</summary>
internal static class StatusBounds
{
    private const int TextMax = 500;
    private const int ProblemsMax = 50;

    public static ServeStatus Bound(ServeStatus status) => status with
    {
        Sources = [.. status.Sources.Select(Bound)],
        Problems = status.Problems.Count <= ProblemsMax
            ? [.. status.Problems.Select(Bound)]
            : [.. status.Problems.Take(ProblemsMax).Select(Bound), string.Create(CultureInfo.InvariantCulture, $"{status.Problems.Count - ProblemsMax} more; the log names each")],
    };

    private static SourceStatus Bound(SourceStatus source) => source with
    {
        Reason = source.Reason is { } reason ? Bound(reason) : null,
        Refusals = [.. source.Refusals.Select(refusal => refusal with { Reason = Bound(refusal.Reason) })],
        Assist = source.Assist is { Hindrance: { } hindrance } assist ? assist with { Hindrance = Bound(hindrance) } : source.Assist,
        Trouble = source.Trouble is { } trouble ? trouble with { Message = Bound(trouble.Message), Hint = Bound(trouble.Hint) } : null,
    };

    private static string Bound(string text) => text.Length <= TextMax ? text : $"{text.AsSpan(0, TextMax - 1)}…";
}
