using BackupSidecar.Policies;
using BackupSidecar.Primitives;

namespace BackupSidecar.Tests.Policies;

/// <summary>What is promised, straight from the whole history and without any pack: the measure that compaction is held against.</summary>
internal static class PromisedPoints
{
    /// <param name="history">Every capture, in order.</param>
    /// <param name="named">Positions of backups.</param>
    /// <param name="options">The promise.</param>
    /// <param name="now">The time.</param>
    public static HashSet<Position> Of(
        IReadOnlyList<(Position Position, DateTimeOffset Time)> history, IReadOnlySet<Position> named, CompactionPolicyOptions options, DateTimeOffset now)
    {
        var promised = new HashSet<Position>(named);
        foreach (var timeline in history.GroupBy(row => row.Position.Timeline).Select(group => group.ToList()))
        {
            promised.Add(timeline[^1].Position);
            for (var i = 0; i < timeline.Count; i++)
            {
                var (position, time) = timeline[i];
                var isKept = now - time <= options.Window || options.Levels.Any(level =>
                    now - time <= level.KeepPoints
                    && (i == timeline.Count - 1 || time.UtcTicks / level.Span.Ticks != timeline[i + 1].Time.UtcTicks / level.Span.Ticks));
                if (isKept)
                {
                    promised.Add(position);
                }
            }
        }

        return promised;
    }
}
