using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli;

/// <summary>What <c>list</c> shows to people.</summary>
internal static class ListTable
{
    private static readonly string[] Headings = ["ID", "SOURCE", "TIME", "POSITION", "CHANGED", "DATABASE", "STORED", "LABELS"];

    private static readonly string[] PointHeadings = ["SOURCE", "POSITIONS", "POINTS", "WHICH", "FROM", "TO", "TIMELINE"];

    public static void Write(TextWriter writer, string location, IReadOnlyList<ListedSource> sources, bool showPoints, Surroundings surroundings)
    {
        var count = sources.Sum(source => source.Backups.Count);
        if (count > 0)
        {
            TextTable.Write(writer, Headings, [.. sources.SelectMany(source => Rows(source, surroundings.Time))], surroundings.IsOutTerminal);
        }

        if (showPoints && sources.Any(source => source.Runs.Count > 0))
        {
            writer.WriteLine(count > 0 && !surroundings.IsOutTerminal ? "\nRestore points:" : "Restore points:");
            TextTable.Write(writer, PointHeadings, [.. sources.SelectMany(source => source.Runs.Select(run => Row(source, run, surroundings.Time)))], surroundings.IsOutTerminal);
        }

        foreach (var source in sources)
        {
            WriteRemarks(writer, source, showPoints, surroundings.Time);
        }

        writer.WriteLine(
            $"{HumanText.Count(count, "backup")} of {HumanText.Count(sources.Count, "source")} in {location}, {HumanText.Bytes(sources.Sum(source => source.StoredBytes))} in {HumanText.Count(sources.Sum(source => source.Packs), "pack")}.");
    }

    private static IEnumerable<string[]> Rows(ListedSource source, TimeProvider time)
    {
        // A number alone names a position, unless two timelines of the source have it.
        var ambiguous = source.Backups
            .GroupBy(backup => backup.Position)
            .Where(group => group.Select(backup => backup.Timeline).Distinct().Count() > 1)
            .Select(group => group.Key)
            .ToHashSet();
        return source.Backups.Select(backup => (string[])
        [
            HumanText.ShortId(backup.BackupId),
            source.Name,
            HumanText.Time(backup.CreatedAt, time),
            ambiguous.Contains(backup.Position) ? $"{backup.Position}@{backup.Timeline}" : $"{backup.Position}",
            Changed(backup),
            backup.DatabaseBytes is { } bytes ? HumanText.Bytes(bytes) : "?",
            backup.StoredBytes is { } stored ? HumanText.Bytes(stored) : "?",
            Remarks(backup),
        ]);
    }

    private static string[] Row(ListedSource source, ListedRun run, TimeProvider time) =>
    [
        source.Name,
        run.First == run.Last ? $"{run.First}" : $"{run.First} .. {run.Last}",
        HumanText.Count(run.Points),
        !run.Restorable ? "PACK MISSING" : run.EveryMs == 0 ? "every capture" : $"one in {Words(TimeSpan.FromMilliseconds(run.EveryMs))}",
        HumanText.Time(run.From, time),
        HumanText.Time(run.To, time),
        run.ParentPosition is { } parent ? $"{run.Timeline}, from {parent}@{run.ParentTimeline}" : run.Timeline,
    ];

    private static string Words(TimeSpan step) => step switch
    {
        { TotalMinutes: < 1 } => $"{step.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{step.TotalMinutes:0} min",
        { TotalDays: < 1 } => $"{step.TotalHours:0} h",
        _ => HumanText.Count((long)step.TotalDays, "day"),
    };

    private static string Changed(ListedBackup backup) => backup switch
    {
        { Changed: null } => "DAMAGED",
        { Restorable: false } => "PACK MISSING",
        { Full: true } => "full",
        { Changed: true } => "yes",
        _ => "no",
    };

    private static string Remarks(ListedBackup backup)
    {
        var labels = string.Join(", ", backup.Labels);
        return backup.DeletedAt is not null ? $"DELETED {labels}".TrimEnd() : backup.Pinned ? $"PINNED {labels}".TrimEnd() : labels;
    }

    private static void WriteRemarks(TextWriter writer, ListedSource source, bool showPoints, TimeProvider time)
    {
        if (source.Backups.Count == 0)
        {
            writer.WriteLine($"Source '{source.Name}' has no backup yet.");
        }

        if (source.PointsWithoutBackup > 0)
        {
            writer.WriteLine(
                $"Source '{source.Name}' has {HumanText.Count(source.PointsWithoutBackup, "position")} that no backup keeps, restorable with --position or --at: "
                    + $"{HumanText.Time(source.OldestPoint!.Value, time)} to {HumanText.Time(source.NewestPoint!.Value, time)}.{(showPoints ? "" : " 'list --points' shows them.")}");
        }

        var broken = source.Runs.Where(run => !run.Restorable).ToList();
        if (broken.Count > 0)
        {
            writer.WriteLine(
                $"Source '{source.Name}' has {HumanText.Count(broken.Sum(run => run.Points), "position")} that cannot be restored, since a pack is missing: "
                    + $"{Few([.. broken.Select(run => run.First == run.Last ? $"{run.First}@{run.Timeline}" : $"{run.First} .. {run.Last}@{run.Timeline}")])}.");
        }

        if (source.UnknownObjects is [_, ..] unknown)
        {
            writer.WriteLine($"Source '{source.Name}' has {HumanText.Count(unknown.Count, "object")} with unknown names, which are not used: {Few(unknown)}.");
        }
    }

    private static string Few(IReadOnlyList<string> texts)
    {
        const int ShownMax = 5;
        return texts.Count <= ShownMax ? string.Join(", ", texts) : $"{string.Join(", ", texts.Take(ShownMax))} and {texts.Count - ShownMax} more";
    }
}
