using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>The name of a tombstone: when it was set, and an id.</summary>
/// <remarks><code>tombstones/SOURCE/CREATEDUS-ID.json</code> Hexadecimal, lowercase, of fixed width; a stamp may stand at the end (<see cref="WriterStamp"/>).</remarks>
internal readonly record struct TombstoneName(SourceId Source, long CreatedAtMicroseconds, TombstoneId Tombstone)
{
    private const int FieldCount = 2;

    /// <summary>Of the writer that put it.</summary>
    public WriterStamp Stamp { get; init; }

    public DateTimeOffset CreatedAt => UtcMicroseconds.ToTime(CreatedAtMicroseconds);

    public static bool TryParse(ObjectName name, out TombstoneName tombstoneName)
    {
        tombstoneName = default;
        var text = name.ToString();
        if (!NameFields.TrySplit(text, RepositoryLayout.TombstoneFolder, RepositoryLayout.TombstoneSuffix, FieldCount, out var fields))
        {
            return false;
        }

        if (!UtcMicroseconds.TryParseName(fields[0], out var created)
            || !TombstoneId.TryParse(fields[1], out var tombstone))
        {
            return false;
        }

        tombstoneName = new TombstoneName(fields.Source, created, tombstone) { Stamp = fields.Stamp };
        return tombstoneName.IsSound && tombstoneName.ToObjectName().ToString() == text;
    }

    public ObjectName ToObjectName()
    {
        if (!IsSound)
        {
            throw new InvalidOperationException($"A tombstone cannot be named {Tombstone} at {CreatedAtMicroseconds} µs.");
        }

        return ObjectName.Parse(
            $"{RepositoryLayout.TombstonesOf(Source)}{UtcMicroseconds.ToNameText(CreatedAtMicroseconds)}-{Tombstone}{Stamp.ToNameText()}{RepositoryLayout.TombstoneSuffix}");
    }

    public override string ToString() => ToObjectName().ToString();

    private bool IsSound => !Source.IsNone && !Tombstone.IsNone && UtcMicroseconds.IsInRange(CreatedAtMicroseconds) && Stamp.IsSound;
}
