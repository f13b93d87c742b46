using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Listing;

/// <summary>Where a list goes on.</summary>
/// <param name="Entries">All of the list, as it was when its first page was asked for.</param>
/// <param name="Next">The first entry of the next page.</param>
/// <param name="Account">Whose list it is: a token is of no use to others.</param>
/// <param name="WasEmpty">The page before held nothing, so that this one does not do so again.</param>
internal sealed record ListPage(IReadOnlyList<DriveFile> Entries, int Next, string Account, bool WasEmpty);
