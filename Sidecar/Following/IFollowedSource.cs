namespace BackupSidecar.Following;

/// <summary>Keeps up with one database. Whoever runs it makes a new one after a failure, and never runs one twice.</summary>
internal interface IFollowedSource : IAsyncDisposable
{
    /// <summary>What is known now, from any thread and at any time, also after the end; cheap, and never waits.</summary>
    SourceStatus Status { get; }

    /// <summary>Captures until it is asked to stop, then once more.</summary>
    /// <remarks>
    /// A database that is missing, or that no app has open, is waited for: that is no failure. Everything that needs a person, and all that
    /// a new start may mend, is thrown; what was captured stays captured.
    /// </remarks>
    /// <returns>Whether commits after the last capture were possible.</returns>
    /// <exception cref="OperationCanceledException"><see cref="StopSignals.Abandoned"/> came first.</exception>
    Task<FollowingEnd> RunAsync(StopSignals stop);

    /// <summary>Takes over what can change while it runs: the intervals. From any thread.</summary>
    void Apply(SourceDefinition definition);
}
