using BackupSidecar.DriveEmulator.Files;
using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>The order of a list: keys of <c>orderBy</c>, the first deciding first. Without one, the newest change first.</summary>
internal sealed class ListOrder(IReadOnlyList<(Comparison<DriveFile> Compare, bool IsDescending)> keys) : IComparer<DriveFile>
{
    /// <exception cref="DriveException">400: an unknown key.</exception>
    public static ListOrder Parse(string? text)
    {
        if (text is null)
        {
            return new ListOrder([(Key("modifiedTime")!, true)]);
        }

        var keys = new List<(Comparison<DriveFile>, bool)>();
        foreach (var part in text.Split(','))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isRead = words.Length == 1 || (words.Length == 2 && words[1] is "desc" or "asc");
            var key = isRead ? Key(words[0]) : null;
            keys.Add((key ?? throw DriveException.Invalid("orderBy", "Invalid Value"), words[^1] == "desc"));
        }

        return new ListOrder(keys);
    }

    public int Compare(DriveFile? x, DriveFile? y)
    {
        foreach (var (compare, isDescending) in keys)
        {
            var order = compare(x!, y!);
            if (order != 0)
            {
                return isDescending ? -order : order;
            }
        }

        return string.CompareOrdinal(x!.Id, y!.Id);
    }

    private static Comparison<DriveFile>? Key(string name) => name switch
    {
        "name" or "name_natural" => (x, y) => string.Compare(x.Name, y.Name, StringComparison.OrdinalIgnoreCase),
        "createdTime" => (x, y) => x.Created.CompareTo(y.Created),
        "modifiedTime" or "modifiedByMeTime" or "recency" or "viewedByMeTime" or "sharedWithMeTime" => (x, y) => x.Modified.CompareTo(y.Modified),
        "quotaBytesUsed" => (x, y) => x.Size.CompareTo(y.Size),
        "folder" => (x, y) => y.IsFolder.CompareTo(x.IsFolder),
        "starred" => (x, y) => x.Starred.CompareTo(y.Starred),
        _ => null,
    };
}
