using System.Globalization;

namespace BackupSidecar.Repository;

/// <summary>Under which lease an object was put, and before which of its writer's announcements: what a name needs so that readers can tell whether the object was still the writer's to put.</summary>
/// <param name="Lease">From 1; 0: there was none, as in a local repository.</param>
/// <param name="Announcement">The number of the announcement that acknowledges the object.</param>
internal readonly record struct WriterStamp(long Lease, long Announcement) : IComparable<WriterStamp>
{
    /// <summary>Fields of a name that it takes, where it is not none.</summary>
    public const int FieldCount = 2;

    public bool IsNone => Lease == 0;

    public bool IsSound => IsNone ? Announcement == 0 : Lease > 0 && Announcement > 0;

    public static bool TryParse(ReadOnlySpan<char> lease, ReadOnlySpan<char> announcement, out WriterStamp stamp)
    {
        stamp = default;
        if (!TryParse(lease, out var number) || !TryParse(announcement, out var said))
        {
            return false;
        }

        stamp = new WriterStamp(number, said);
        return !stamp.IsNone && stamp.IsSound;
    }

    /// <summary>The end of an object's name: nothing, or <c>-LEASE-ANNOUNCEMENT</c>, hexadecimal, lowercase, of fixed width.</summary>
    public string ToNameText() => IsNone ? "" : string.Create(CultureInfo.InvariantCulture, $"-{Lease:x16}-{Announcement:x16}");

    /// <summary>The order of names that differ in nothing else.</summary>
    public int CompareTo(WriterStamp other) =>
        IsNone == other.IsNone ? (Lease, Announcement).CompareTo((other.Lease, other.Announcement)) : IsNone.CompareTo(other.IsNone);

    internal static bool TryParse(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number >= 0;
}
