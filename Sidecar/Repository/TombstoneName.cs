using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a tombstone: when it was set, and an id.</summary>
/// <remarks><code>tombstones/SOURCE/CREATEDUS-ID.json</code> Hexadecimal, lowercase, of fixed width.</remarks>
internal readonly record struct TombstoneName(SourceId Source, long CreatedAtMicroseconds, TombstoneId Tombstone)
{
    private const int FieldCount = 2;

    public DateTimeOffset CreatedAt => UtcMicroseconds.ToTime(CreatedAtMicroseconds);

    public static bool TryParse(ObjectName name, out TombstoneName tombstoneName)
    {
        tombstoneName = default;
        var text = name.ToString();
        if (!text.StartsWith(RepositoryLayout.TombstoneFolder, StringComparison.Ordinal) || !text.EndsWith(RepositoryLayout.TombstoneSuffix, StringComparison.Ordinal))
        {
            return false;
        }

        var path = text.AsSpan(RepositoryLayout.TombstoneFolder.Length..^RepositoryLayout.TombstoneSuffix.Length);
        var slash = path.IndexOf('/');
        Span<Range> fields = stackalloc Range[FieldCount + 1];
        if (slash < 0 || path[(slash + 1)..].Split(fields, '-') != FieldCount)
        {
            return false;
        }

        var stem = path[(slash + 1)..];
        if (!SourceId.TryParse(path[..slash], out var source)
            || !UtcMicroseconds.TryParseName(stem[fields[0]], out var created)
            || !TombstoneId.TryParse(stem[fields[1]], out var tombstone))
        {
            return false;
        }

        tombstoneName = new TombstoneName(source, created, tombstone);
        return tombstoneName.IsSound && tombstoneName.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException($"A tombstone cannot be named {Tombstone} at {CreatedAtMicroseconds} µs.");
        }

        return ObjectName.Parse(
            $"{RepositoryLayout.TombstonesOf(Source)}{UtcMicroseconds.ToNameText(CreatedAtMicroseconds)}-{Tombstone}{RepositoryLayout.TombstoneSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound => !Source.IsNone && !Tombstone.IsNone && UtcMicroseconds.IsInRange(CreatedAtMicroseconds);
}
