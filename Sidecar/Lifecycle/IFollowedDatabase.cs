using BackupSidecar.Primitives;

namespace BackupSidecar.Lifecycle;

/// <summary>The capture of one source, to those who replace its database.</summary>
internal interface IFollowedDatabase
{
    /// <summary>Captures once more what is committed, and closes the database. A source that is not followed is closed already.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first; capture goes on.</exception>
    Task<DatabaseHold> HoldAsync(CancellationToken ct);

    /// <summary>Captures what is committed now.</summary>
    /// <returns>False: it could not be stored.</returns>
    Task<bool> CaptureNowAsync(CancellationToken ct);

    /// <summary>Keeps the newest position that is stored as a backup.</summary>
    /// <exception cref="OperatorException">It cannot be kept.</exception>
    Task KeepNewestAsync(string label, CancellationToken ct);
}
