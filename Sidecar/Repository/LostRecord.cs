using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A source of which something is stored, and whose record cannot be found or read.</summary>
/// <param name="Id">From the names of what is stored.</param>
/// <param name="Told">What its newest readable manifest says of it; null: none does.</param>
internal sealed record LostRecord(SourceId Id, ManifestSource? Told)
{
    public override string ToString() => Told is { } told ? $"{Id} ('{told.Name}', {told.Path} on {told.Host})" : $"{Id} (no backup tells its name)";
}
