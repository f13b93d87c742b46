using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>The files as lists show them.</summary>
internal sealed class ListedFiles(FileIndex files)
{
    public List<DriveFile> Select(Func<DriveFile, bool> matches, ListOrder order)
    {
        var entries = files.All().Where(matches).ToList();
        entries.Sort(order);
        return entries;
    }

    public int CountOfPage(ListPage page, int pageSize) => files is null ? 0 : Math.Min(pageSize, page.Entries.Count - page.Next);
}
