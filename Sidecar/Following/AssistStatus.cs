namespace BackupSidecar.Following;

/// <summary>How the mode <c>assist</c> has kept the log of a source short, since the start.</summary>
internal sealed record AssistStatus
{
    /// <summary>Times that the whole log was copied into the database, so that the app starts it anew with its next commit.</summary>
    public long Checkpoints { get; init; }

    /// <summary>The longest time that writers of the app were kept away.</summary>
    public double LongestWriteLockMilliseconds { get; init; }

    /// <summary>Why the log could not be kept short when it was last tried, as a part of a sentence; null: it could.</summary>
    public string? Hindrance { get; init; }
}
