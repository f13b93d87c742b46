using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a backup's manifest. It holds the SHA-256 of the content, so that a manifest proves itself when it is read.</summary>
/// <remarks><code>manifests/SOURCE/TX-TIMELINE-CREATEDUS-BACKUP-SHA256.json</code> Hexadecimal, lowercase, of fixed width; a stamp may stand at the end (<see cref="WriterStamp"/>).</remarks>
internal readonly record struct ManifestName(SourceId Source, Position Position, long CreatedAtMicroseconds, BackupId Backup, Sha256Digest Content)
{
    private const int FieldCount = 5;

    /// <summary>Of the writer that put it.</summary>
    public WriterStamp Stamp { get; init; }

    public DateTimeOffset CreatedAt => UtcMicroseconds.ToTime(CreatedAtMicroseconds);

    public static bool TryParse(ObjectName name, out ManifestName manifestName)
    {
        manifestName = default;
        var text = name.ToString();
        if (!NameFields.TrySplit(text, RepositoryLayout.ManifestFolder, RepositoryLayout.ManifestSuffix, FieldCount, out var fields))
        {
            return false;
        }

        if (!PositionText.TryParse(fields[0], fields[1], out var position)
            || !UtcMicroseconds.TryParseName(fields[2], out var created)
            || !BackupId.TryParse(fields[3], out var backup)
            || !Sha256Digest.TryParse(fields[4], out var content))
        {
            return false;
        }

        manifestName = new ManifestName(fields.Source, position, created, backup, content) { Stamp = fields.Stamp };
        return manifestName.IsSound && manifestName.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException($"A manifest cannot be named for backup {Backup} at {Position}, {CreatedAtMicroseconds} µs.");
        }

        return ObjectName.Parse(
            $"{RepositoryLayout.ManifestsOf(Source)}{PositionText.Of(Position)}-{UtcMicroseconds.ToNameText(CreatedAtMicroseconds)}-{Backup}-{Content}{Stamp.ToNameText()}{RepositoryLayout.ManifestSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound =>
        !Source.IsNone && !Backup.IsNone
        && !Position.Timeline.IsNone && !Position.Transaction.IsNone
        && UtcMicroseconds.IsInRange(CreatedAtMicroseconds) && Stamp.IsSound;
}
