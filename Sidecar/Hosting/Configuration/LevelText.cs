using BackupSidecar.Policies;
using BackupSidecar.Primitives;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>Levels of compaction as they are configured: "1m for 1d", and for the last one "1d".</summary>
internal static class LevelText
{
    private const string For = " for ";

    public static string Of(CompactionLevel level) =>
        level.KeepPoints == TimeSpan.MaxValue ? DurationText.Of(level.Span) : $"{DurationText.Of(level.Span)}{For}{DurationText.Of(level.KeepPoints)}";

    public static bool TryParse(string text, out CompactionLevel level)
    {
        var at = text.IndexOf(For, StringComparison.Ordinal);
        var keep = TimeSpan.MaxValue;
        var isRight = DurationText.TryParse(at < 0 ? text : text[..at], out var span) && (at < 0 || DurationText.TryParse(text[(at + For.Length)..], out keep));
        level = new CompactionLevel(span, keep);
        return isRight;
    }
}
