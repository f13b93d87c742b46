using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>What is known of a database in the state that an image shows.</summary>
/// <param name="Shape">Page size and page count.</param>
/// <param name="IsWal">Write-ahead log, or rollback journal.</param>
/// <param name="ChangeCounter">WAL: commits as its index counts them; rollback journal: the header's change counter; 0 if unknown.</param>
/// <param name="SqliteVersionNumber">Of the SQLite that wrote the header last; a hint only.</param>
/// <param name="File">Device and inode.</param>
/// <param name="Reading">How the image is read, for people: live WAL, rollback journal in windows, …</param>
internal sealed record ImageFacts(DatabaseShape Shape, bool IsWal, uint ChangeCounter, uint SqliteVersionNumber, FileIdentity File, string Reading)
{
    /// <summary>WAL mode: where a later capture goes on in the log; null if that is not known.</summary>
    public WalCursor? Cursor { get; init; }
}
