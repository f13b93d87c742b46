using BackupSidecar.Cli.Documents;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary>The positions of a source, and the same in runs that are alike: thousands of captures are one line.</summary>
internal static class PointRuns
{
    /// <summary>Captures in a row that are shown as such.</summary>
    private const int InARowMin = 8;

    /// <summary>Distances by which points are grouped. Compaction thins captures out to its levels, which are among these unless they are configured otherwise.</summary>
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(6), TimeSpan.FromDays(1),
    ];

    /// <summary>Every position that lasts or that a backup keeps, once, by timeline and number.</summary>
    public static IReadOnlyList<PointLine> PointsOf(SourceCatalog catalog)
    {
        var cut = new CutPacks(catalog);
        var backups = catalog.LastingManifests().GroupBy(manifest => manifest.Name.Position).ToDictionary(group => group.Key, group => group.Last().Name.Backup.ToString());
        return Ordered(catalog.RestorePoints().GroupBy(point => point.Position).Select(group => new PointLine
        {
            Source = catalog.Source.Name,
            Position = group.Key.Transaction.Value,
            Timeline = group.Key.Timeline.ToString(),
            Time = (group.FirstOrDefault(point => point.Backup is null) ?? group.First()).Time,
            BackupId = backups.GetValueOrDefault(group.Key),
            Restorable = catalog.CanReach(group.Key) && !cut.Spoil(group.Key),
        }));
    }

    /// <summary>By timeline, in the order of their first positions, then by number.</summary>
    public static IReadOnlyList<PointLine> Ordered(IEnumerable<PointLine> points)
    {
        var all = points.ToList();
        var firstOfTimeline = all.GroupBy(point => point.Timeline).ToDictionary(group => group.Key, group => group.Min(point => point.Position));
        return [.. all.OrderBy(point => firstOfTimeline[point.Timeline]).ThenBy(point => point.Timeline, StringComparer.Ordinal).ThenBy(point => point.Position)];
    }

    public static IReadOnlyList<ListedRun> Of(SourceCatalog catalog, IReadOnlyList<PointLine> points) => Of(points, catalog.LastingPacks()
        .Where(pack => pack.Name.From.Timeline != pack.Name.To.Timeline && !pack.Name.IsFull)
        .GroupBy(pack => pack.Name.To.Timeline.ToString())
        .ToDictionary(group => group.Key, group => group.First().Name.From));

    /// <param name="points">As <see cref="Ordered"/>.</param>
    /// <param name="parents">Where timelines branched off, as far as it is known.</param>
    public static IReadOnlyList<ListedRun> Of(IReadOnlyList<PointLine> points, IReadOnlyDictionary<string, Position> parents)
    {
        var runs = new List<ListedRun>();
        foreach (var timeline in points.GroupBy(point => point.Timeline))
        {
            Position? parent = parents.TryGetValue(timeline.Key, out var from) ? from : null;
            foreach (var run in RunsOf([.. timeline]))
            {
                runs.Add(run with { ParentPosition = parent?.Transaction.Value, ParentTimeline = parent?.Timeline.ToString() });
                parent = null;
            }
        }

        return runs;
    }

    /// <summary>From the newest point back, since points only get sparser with age.</summary>
    private static Stack<ListedRun> RunsOf(List<PointLine> timeline)
    {
        var runs = new Stack<ListedRun>();
        for (var end = timeline.Count - 1; end >= 0;)
        {
            var (start, step) = RunUpTo(timeline, end);
            var (first, last) = (timeline[start], timeline[end]);
            runs.Push(new ListedRun(
                first.Timeline, null, null, first.Position, last.Position, end - start + 1, (long)Steps[step].TotalMilliseconds, first.Time, last.Time, first.Restorable));
            end = start - 1;
        }

        return runs;
    }

    private static (int Start, int Step) RunUpTo(List<PointLine> timeline, int end)
    {
        var start = end;
        while (start > 0 && StepTo(timeline, start) == 0)
        {
            start--;
        }

        // A few captures in a row are nothing of their own among sparser points.
        if (start == 0 || end - start >= InARowMin || IsOtherKind(timeline, start))
        {
            return (start, 0);
        }

        // One wide step alone is a time in which nothing happened.
        var step = IsAlone(timeline, start) ? StepTo(timeline, start - 1) : StepTo(timeline, start);
        step = Math.Max(step, 1);
        while (start > 0 && !IsOtherKind(timeline, start) && (StepTo(timeline, start) <= step || (IsAlone(timeline, start) && StepTo(timeline, start - 1) <= step)))
        {
            start--;
        }

        return (start, step);
    }

    private static bool IsAlone(List<PointLine> timeline, int index) => index > 1 && !IsOtherKind(timeline, index - 1) && StepTo(timeline, index - 1) < StepTo(timeline, index);

    private static bool IsOtherKind(List<PointLine> timeline, int index) => timeline[index - 1].Restorable != timeline[index].Restorable;

    /// <summary>How sparse it is between a point and the one before it: 0 where no capture is missing.</summary>
    private static int StepTo(List<PointLine> timeline, int index)
    {
        var (before, point) = (timeline[index - 1], timeline[index]);
        if (before.Restorable == point.Restorable && before.Position + 1 == point.Position)
        {
            return 0;
        }

        // The ends of two neighbouring spans are less than two spans apart.
        var step = Array.FindIndex(Steps, 1, span => point.Time - before.Time < 2 * span);
        return step < 0 ? Steps.Length - 1 : step;
    }
}
