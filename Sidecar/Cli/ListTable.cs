using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli;

/// <summary>What <c>list</c> shows to people.</summary>
internal static class ListTable
{
    private static readonly string[] Headings = ["ID", "SOURCE", "TIME", "POSITION", "CHANGED", "DATABASE", "STORED", "LABELS"];

    public static void Write(TextWriter writer, string location, IReadOnlyList<ListedSource> sources, Surroundings surroundings)
    {
        var count = sources.Sum(source => source.Backups.Count);
        if (count > 0)
        {
            TextTable.Write(writer, Headings, [.. sources.SelectMany(source => Rows(source, surroundings.Time))], surroundings.IsOutTerminal);
        }

        foreach (var source in sources)
        {
            WriteRemarks(writer, source);
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
            string.Join(", ", backup.Labels),
        ]);
    }

    private static string Changed(ListedBackup backup) => backup switch
    {
        { Changed: null } => "DAMAGED",
        { Restorable: false } => "PACK MISSING",
        { Full: true } => "full",
        { Changed: true } => "yes",
        _ => "no",
    };

    private static void WriteRemarks(TextWriter writer, ListedSource source)
    {
        if (source.Backups.Count == 0)
        {
            writer.WriteLine($"Source '{source.Name}' has no backup yet.");
        }

        if (source.PositionsWithoutBackup is [_, ..] positions)
        {
            writer.WriteLine($"Source '{source.Name}' has {HumanText.Count(positions.Count, "position")} that no backup keeps, restorable with --position: {Few(positions)}.");
        }

        if (source.BrokenPositions is [_, ..] broken)
        {
            writer.WriteLine($"Source '{source.Name}' has {HumanText.Count(broken.Count, "position")} that cannot be restored, since a pack is missing: {Few(broken)}.");
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
