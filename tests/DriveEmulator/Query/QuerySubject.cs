using BackupSidecar.DriveEmulator.Files;

namespace BackupSidecar.DriveEmulator.Query;

/// <summary>What a query looks at: a file as it is listed, for one caller.</summary>
/// <param name="RootId">What <c>'root' in parents</c> means for the caller.</param>
internal readonly record struct QuerySubject(DriveFile File, bool IsTrashed, string ClientId, string RootId);
