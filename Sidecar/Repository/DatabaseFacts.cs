namespace BackupSidecar.Repository;

/// <summary>What the database was like, and how its changes were found ("full", "page hashes"). For people.</summary>
/// <param name="JournalMode">As SQLite says it: "wal", "delete".</param>
/// <param name="SqliteVersionNumber">Of the library that last wrote the file, as its header says: 3053004 is 3.53.4; 0 if unknown.</param>
/// <param name="Method">How the changed pages were found.</param>
internal sealed record DatabaseFacts(string JournalMode, int SqliteVersionNumber, string Method);
