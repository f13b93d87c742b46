using BackupSidecar.Following;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Verify;

namespace BackupSidecar.Api;

/// <summary>What the services may ask of a running serve.</summary>
internal interface IServedSidecar
{
    /// <summary>From any thread; cheap, and never waits.</summary>
    ServeStatus Status { get; }

    /// <summary>True from the moment that the end was asked for.</summary>
    bool IsEnding { get; }

    /// <summary>Returns when everything that was committed before the call is stored, or it is known that it will not be soon.</summary>
    /// <returns>Null: no source has that name.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first.</exception>
    Task<CaptureRequestOutcome?> CaptureNowAsync(string source, CancellationToken ct);

    /// <summary>What is stored may be promised to be restorable.</summary>
    /// <exception cref="OperatorException">It was found to be damaged, and no full was stored since.</exception>
    void EnsureSound(string source);

    /// <summary>Returns when everything that is stored locally is restorable from a repository beside the local one.</summary>
    /// <returns>False: there is none.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first.</exception>
    Task<bool> SyncedAsync(string source, CancellationToken ct);

    /// <summary>True from the moment that the sources are known, just after the start.</summary>
    bool IsResolved { get; }

    /// <summary>The local repository.</summary>
    IRepositoryReader Repository { get; }

    /// <summary>What is restored from.</summary>
    RestoreOrigins Origins { get; }

    /// <summary>Returns when the sources are known, just after the start.</summary>
    Task ResolvedAsync(CancellationToken ct);

    /// <summary>The restores of a source.</summary>
    /// <returns>Null: no source has that name.</returns>
    SourceLifecycle? FindLifecycle(string source);

    /// <summary>Labels, pins and deletions of backups.</summary>
    BackupKeeping Backups { get; }

    /// <summary>Keeps the newest position of a source, whose status this is, as a backup.</summary>
    /// <exception cref="OperatorException">It cannot be kept.</exception>
    ValueTask<BackupManifest> KeepNewestAsync(SourceStatus source, IReadOnlyList<string> labels, CancellationToken ct);

    /// <param name="source">Null: all of them.</param>
    /// <param name="level">See <see cref="VerifyLevel"/>.</param>
    /// <param name="progress">Told how it gets on.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="OperatorException">It could not be begun, or the repository cannot be read.</exception>
    ValueTask<VerifyResult> VerifyAsync(string? source, VerifyLevel level, IProgress<ProgressReport> progress, CancellationToken ct);

    /// <summary>Soon looks whether something of a source has to be compacted or removed.</summary>
    void Tidy(string source);

    /// <summary>The effective configuration, secrets hidden, and the file it was read from.</summary>
    (string Json, string? Path) Configuration { get; }

    /// <summary>Follows a source no more, until <see cref="Resume"/>.</summary>
    /// <returns>Since when.</returns>
    /// <exception cref="OperatorException">It cannot be remembered.</exception>
    DateTimeOffset Pause(string source);

    /// <returns>False: the configuration disables it.</returns>
    /// <exception cref="OperatorException">As <see cref="Pause"/>.</exception>
    bool Resume(string source);
}
