using BackupSidecar.Following;
using BackupSidecar.Repository;
using BackupSidecar.Sync;

namespace BackupSidecar.Hosting.Serve;

/// <summary>One repository beside the local one, as serve feeds it.</summary>
internal sealed record RemoteFeedSettings
{
    public required string Name { get; init; }

    /// <summary>For people; without secrets.</summary>
    public required string Location { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>Opens it for writing, with its lease where its store has leases; it is never made. Called again after a failure.</summary>
    public required Func<CancellationToken, ValueTask<BackupRepository>> Open { get; init; }

    /// <summary>Opens it for reading, without a lock.</summary>
    public required Func<CancellationToken, ValueTask<IRepositoryReader>> OpenForReading { get; init; }

    public required SyncOptions Sync { get; init; }

    /// <summary>The credential that it is reached with, as it is now: cheap, and asked for with every status. Null: there is none.</summary>
    public Func<RemoteAccount>? Account { get; init; }
}
