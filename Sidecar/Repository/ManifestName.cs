using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a backup's manifest. It holds the SHA-256 of the content, so that a manifest proves itself when it is read.</summary>
/// <remarks><code>manifests/SOURCE/TX-TIMELINE-CREATEDUS-BACKUP-SHA256.json</code> Hexadecimal, lowercase, of fixed width.</remarks>
internal readonly record struct ManifestName(SourceId Source, Position Position, long CreatedAtMicroseconds, BackupId Backup, Sha256Digest Content)
{
    private const int FieldCount = 5;

    public DateTimeOffset CreatedAt => UtcMicroseconds.ToTime(CreatedAtMicroseconds);

    public static bool TryParse(ObjectName name, out ManifestName manifestName)
    {
        manifestName = default;
        var text = name.ToString();
        if (!text.StartsWith(RepositoryLayout.ManifestFolder, StringComparison.Ordinal) || !text.EndsWith(RepositoryLayout.ManifestSuffix, StringComparison.Ordinal))
        {
            return false;
        }

        var path = text.AsSpan(RepositoryLayout.ManifestFolder.Length..^RepositoryLayout.ManifestSuffix.Length);
        var slash = path.IndexOf('/');
        Span<Range> fields = stackalloc Range[FieldCount + 1];
        if (slash < 0 || path[(slash + 1)..].Split(fields, '-') != FieldCount)
        {
            return false;
        }

        var stem = path[(slash + 1)..];
        if (!SourceId.TryParse(path[..slash], out var source)
            || !PositionText.TryParse(stem[fields[0]], stem[fields[1]], out var position)
            || !UtcMicroseconds.TryParseName(stem[fields[2]], out var created)
            || !BackupId.TryParse(stem[fields[3]], out var backup)
            || !Sha256Digest.TryParse(stem[fields[4]], out var content))
        {
            return false;
        }

        manifestName = new ManifestName(source, position, created, backup, content);
        return manifestName.IsSound && manifestName.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException($"A manifest cannot be named for backup {Backup} at {Position}, {CreatedAtMicroseconds} µs.");
        }

        return ObjectName.Parse(
            $"{RepositoryLayout.ManifestsOf(Source)}{PositionText.Of(Position)}-{UtcMicroseconds.ToNameText(CreatedAtMicroseconds)}-{Backup}-{Content}{RepositoryLayout.ManifestSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound =>
        !Source.IsNone && !Backup.IsNone
        && !Position.Timeline.IsNone && !Position.Transaction.IsNone
        && UtcMicroseconds.IsInRange(CreatedAtMicroseconds);
}
