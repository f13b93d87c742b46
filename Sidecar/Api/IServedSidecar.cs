using BackupSidecar.Following;
using BackupSidecar.Lifecycle;
using BackupSidecar.Repository;

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

    /// <summary>What is restored from.</summary>
    IRepositoryReader Repository { get; }

    /// <summary>Returns when the sources are known, just after the start.</summary>
    Task ResolvedAsync(CancellationToken ct);

    /// <summary>The restores of a source.</summary>
    /// <returns>Null: no source has that name.</returns>
    SourceLifecycle? FindLifecycle(string source);
}
