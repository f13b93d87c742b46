using BackupSidecar.Primitives;

namespace BackupSidecar.Restore;

/// <summary>What was restored is byte for byte what was captured, and SQLite finds damage in it: nothing stored is damaged, and nothing stored anew is better.</summary>
internal sealed class UnsoundDatabaseException(string message) : OperatorException(
    FailureKind.VerificationFailed,
    message,
    "Its fingerprint is right, so the database was like this when it was backed up. Restore an older position, or take it as it is with --no-sqlite-checks.");
