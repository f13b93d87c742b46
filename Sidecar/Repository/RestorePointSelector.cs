using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Which position a person means. It never falls back to another one: <see cref="SourceCatalog.ChainTo"/> says if the choice cannot be rebuilt.</summary>
internal sealed class RestorePointSelector(SourceCatalog catalog)
{
    private const int BackupPrefixLengthMin = 4;
    private const int CandidatesShownMax = 10;

    /// <summary>What can be said without a repository.</summary>
    /// <exception cref="OperatorException">No backup has such an id.</exception>
    public static void ValidateBackup(string prefix)
    {
        if (prefix.Length is < BackupPrefixLengthMin or > BackupId.TextLength || !prefix.All(char.IsAsciiHexDigit))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"'{Shorten(prefix)}' cannot be the id of a backup.",
                $"A backup id is {BackupId.TextLength} hexadecimal digits; the first {BackupPrefixLengthMin} or more are enough where they are unique.");
        }
    }

    /// <summary>What can be said without a repository.</summary>
    /// <exception cref="OperatorException">No position is written like that.</exception>
    public static void ValidatePosition(string text) => ParsePosition(text);

    /// <summary>The newest position that was ever stored.</summary>
    public RestorePoint Newest() =>
        catalog.NewestListed is { } position
            ? PointAt(position)
            : throw NoMatch("has no position yet", "Run 'backup' first, or name another source: 'list' shows them.");

    /// <param name="prefix">The id of a backup or the first characters of one, at least four.</param>
    public RestorePoint ByBackup(string prefix)
    {
        ValidateBackup(prefix);
        var matches = catalog.Manifests
            .Where(manifest => manifest.Name.Backup.ToString().StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return matches.Select(manifest => manifest.Name.Backup).Distinct().Count() switch
        {
            0 => throw NoMatch($"has no backup '{prefix}'", WhatThereIs()),
            1 when catalog.IsDeleted(matches[^1].Name.Backup) => throw NoMatch(
                $"has deleted backup {matches[^1].Name.Backup}", $"Take that back first: 'backup-sidecar backups undelete {matches[^1].Name.Backup}'. It is possible until its grace is over."),
            1 => PointOf(matches[^1]),
            _ => throw NoMatch(
                $"has several backups that start with '{prefix}'",
                $"Give more digits: {Candidates(matches.Select(manifest => manifest.Name.Backup.ToString()))}."),
        };
    }

    /// <summary>The newest backup that carries a label.</summary>
    /// <param name="label">Compared exactly.</param>
    /// <param name="readLabels">Reads the labels of a backup; called from the newest backup to older ones until one carries the label.</param>
    /// <param name="ct">Ends it.</param>
    public async ValueTask<RestorePoint> ByLabelAsync(string label, Func<ManifestEntry, CancellationToken, ValueTask<IReadOnlyList<string>>> readLabels, CancellationToken ct)
    {
        var newestFirst = catalog.LastingManifests()
            .OrderByDescending(manifest => manifest.Name.CreatedAtMicroseconds)
            .ThenByDescending(manifest => manifest.Name.Position.Transaction)
            .ThenByDescending(manifest => manifest.Name.Backup.Value);
        foreach (var entry in newestFirst)
        {
            var labels = await readLabels(entry, ct);
            if (labels.Contains(label, StringComparer.Ordinal))
            {
                return PointOf(entry);
            }
        }

        throw NoMatch($"has no backup with the label '{Shorten(label)}'", WhatThereIs());
    }

    /// <param name="text">A transaction in decimal, as 'list' prints it; or 'transaction@timeline' where several timelines have that number.</param>
    public RestorePoint ByPosition(string text)
    {
        var (transaction, timeline) = ParsePosition(text);
        var matches = catalog.Packs.Select(pack => pack.Name.To)
            .Concat(catalog.Manifests.Select(manifest => manifest.Name.Position))
            .Where(position => position.Transaction == transaction && (timeline.IsNone || position.Timeline == timeline))
            .Distinct()
            .ToList();
        return matches.Count switch
        {
            0 => throw NoMatch($"has no position {text}", WhatThereIs()),
            1 => PointAt(matches[0]),
            _ => throw NoMatch(
                $"has position {transaction} on several timelines",
                $"Say which: {Candidates(matches.Select(position => $"{position.Transaction}@{position.Timeline}"))}."),
        };
    }

    /// <summary>The newest restore point that is not after a time; of two at the same time, the one of the later position.</summary>
    public RestorePoint ByTime(DateTimeOffset time)
    {
        var point = catalog.RestorePoints()
            .Where(point => point.Time <= time)
            .OrderBy(point => point.Time)
            .ThenBy(point => point.Position.Transaction)
            .ThenBy(point => point.Backup is not null)
            .LastOrDefault();
        return point is null
            ? throw NoMatch($"has no restore point at or before {Text(time)}", WhatThereIs())
            : point with { Backup = point.Backup ?? catalog.BackupOf(point.Position) };
    }

    private static (TransactionId Transaction, TimelineId Timeline) ParsePosition(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var timeline = TimelineId.None;
        if (!TransactionId.TryParseDecimal(at < 0 ? text : text.AsSpan(0, at), out var transaction)
            || (at >= 0 && !TimelineId.TryParse(text.AsSpan(at + 1), out timeline)))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"'{Shorten(text)}' cannot be a position.",
                $"A position is a decimal number from 1 as 'list' shows it, where needed followed by '@' and the {TimelineId.TextLength} digits of its timeline.");
        }

        return (transaction, timeline);
    }

    private static RestorePoint PointOf(ManifestEntry entry) => new(entry.Name.Position, entry.Name.CreatedAt, entry);

    private RestorePoint PointAt(Position position)
    {
        // Where two packs lead to one position, the earlier capture is when it was first seen.
        var captured = catalog.Packs.Where(pack => pack.Name.To == position).Select(pack => (DateTimeOffset?)pack.Name.CaptureTime).Min();
        var backup = catalog.BackupOf(position);
        var kept = catalog.Manifests.Where(manifest => manifest.Name.Position == position).Select(manifest => (DateTimeOffset?)manifest.Name.CreatedAt).Min();
        return new RestorePoint(position, captured ?? kept ?? throw catalog.GapOn(position), backup);
    }

    private string WhatThereIs()
    {
        var points = catalog.RestorePoints().ToList();
        return points.Count == 0
            ? "It has no restore point at all yet: run 'backup' first, or name another source."
            : $"Its restore points go from {Text(points.Min(point => point.Time))} to {Text(points.Max(point => point.Time))}, "
                + $"positions {points[0].Position.Transaction} to {points[^1].Position.Transaction}; 'list' shows them.";
    }

    private OperatorException NoMatch(string what, string hint) => new(FailureKind.Failed, $"Source '{catalog.Source.Name}' {what}.", hint);

    private static string Candidates(IEnumerable<string> texts) => string.Join(", ", texts.Distinct().Take(CandidatesShownMax));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Shorten(string text) => text.Length > 64 ? text[..64] + "…" : text;
}
