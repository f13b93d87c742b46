using BackupSidecar.Primitives;

namespace BackupSidecar.Capture;

/// <summary>What a page-hash table will be after some changes. Nothing is written yet; the pack that holds the changes is published first.</summary>
/// <param name="Changes">The new hashes. Not to be changed before the commit.</param>
/// <param name="Shape">The new shape.</param>
/// <param name="Before">The sums that it starts from.</param>
/// <param name="After">The sums that it leads to.</param>
internal sealed record PageHashUpdate(PageHashChanges Changes, DatabaseShape Shape, PageHashSums Before, PageHashSums After)
{
    /// <summary>Of the database after the changes: what the pack's trailer ends with.</summary>
    public Fingerprint Fingerprint => Fingerprint.Of(Shape, After.Plain);
}
