using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Gives the fields of a manifest their types, or names the field that cannot be.</summary>
/// <param name="error">Makes the exception from a reason.</param>
internal sealed class ManifestFields(Func<string, ManifestFormatException> error)
{
    public RepositoryId Repository(string text, string field) => Id<RepositoryKind>(text, field);

    public BackupId Backup(string text, string field) => Id<BackupKind>(text, field);

    public SourceId Source(string text, string field) => Id<SourceKind>(text, field);

    public string SourceName(string text, string field) =>
        BackupSidecar.Repository.SourceName.IsValid(text) ? text : throw Bad(field, "not the name of a source");

    public string Text(string text, int lengthMax, string field) =>
        text.Length <= lengthMax && !text.Contains('\0', StringComparison.Ordinal) ? text : throw Bad(field, $"longer than {lengthMax} characters, or holds a zero");

    public Position Position(PositionDocument document, string field) =>
        TimelineId.TryParse(document.Timeline, out var timeline) && !timeline.IsNone && document.Transaction > 0
            ? new Position(timeline, new TransactionId(document.Transaction))
            : throw Bad(field, "not a position");

    public DateTimeOffset Time(string text, string field) =>
        UtcMicroseconds.TryParseDocument(text, out var microseconds) ? UtcMicroseconds.ToTime(microseconds) : throw Bad(field, "not a UTC time in microseconds");

    public DatabaseShape Shape(int pageSizeBytes, uint pageCount, string field) =>
        DatabaseShape.IsPageSize(pageSizeBytes) ? new DatabaseShape(pageSizeBytes, pageCount) : throw Bad(field, "not a page size");

    public Fingerprint Fingerprint(string text, string field) =>
        Primitives.Fingerprint.TryParse(text, out var fingerprint) ? fingerprint : throw Bad(field, "not a fingerprint");

    public Sha256Digest Digest(string text, string field) =>
        Sha256Digest.TryParse(text, out var digest) ? digest : throw Bad(field, "not a SHA-256");

    public long Count(long value, string field) => value >= 0 ? value : throw Bad(field, "negative");

    public PackName Pack(string text, SourceId source, Position position, string field)
    {
        if (!ObjectName.TryParse(text, out var name) || !PackName.TryParse(name, out var pack))
        {
            throw Bad(field, "not the name of a pack");
        }

        return pack.Source == source && pack.To == position ? pack : throw Bad(field, "a pack of another source or position");
    }

    public IReadOnlyList<string> Labels(List<string> labels, string field) =>
        labels.Count <= BackupLabel.CountMax && labels.TrueForAll(label => label is not null && BackupLabel.IsValid(label))
            ? labels
            : throw Bad(field, $"not a list of at most {BackupLabel.CountMax} labels");

    private Id128<TKind> Id<TKind>(string text, string field) =>
        Id128<TKind>.TryParse(text, out var id) && !id.IsNone ? id : throw Bad(field, "not an id");

    private ManifestFormatException Bad(string field, string what) => error($"'{field}' is {what}");
}
