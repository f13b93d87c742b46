using BackupSidecar.Backup;
using BackupSidecar.Following.Waking;
using BackupSidecar.Repository;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Following;

/// <summary>What the followers of one process share.</summary>
/// <param name="Repository">Open for writing, for as long as any follower runs.</param>
/// <param name="StateDirectory">Absolute; the root of the page-hash tables.</param>
/// <param name="HeavyWork">Turns for reading or hashing a whole database.</param>
/// <param name="Log">For lines that need no source in their category: each names its source itself.</param>
/// <param name="Watch">Wakes followers when files change.</param>
/// <param name="Random">Spreads what would otherwise happen at the same moment.</param>
/// <param name="Workers">Chunks that are hashed and blocks that are compressed at the same time while whole databases are compared.</param>
/// <param name="Time">The clock of the process.</param>
internal sealed record FollowerSurroundings(BackupRepository Repository, string StateDirectory, HeavyWork HeavyWork, ILogger Log, FileWatch Watch, Random Random, int Workers, TimeProvider Time)
{
    /// <summary>See <see cref="BackupOptions.HistoryElsewhereAsync"/>.</summary>
    public Func<string, CancellationToken, ValueTask<SourceHistory?>>? HistoryElsewhereAsync { get; init; }

    /// <summary>Told by whoever reads what is stored.</summary>
    public DamageBoard Damage { get; init; } = new();

    public FileClaims Claims { get; } = new();

    /// <summary>Shared by the scrubs of all sources.</summary>
    public ScrubPace ScrubPace { get; init; } = new(Time);
}
