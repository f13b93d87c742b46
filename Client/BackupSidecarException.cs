namespace BackupSidecar.Client;

/// <summary>A call to the sidecar failed. The message ends with the hint.</summary>
public sealed class BackupSidecarException : Exception
{
    /// <summary>The reason where no sidecar answers, or it stops to.</summary>
    public const string Unreachable = "UNREACHABLE";

    /// <summary>The reason where the answer did not come in time.</summary>
    public const string TimedOut = "TIMED_OUT";

    /// <summary>The reason where an unfinished restore forbids to open the database.</summary>
    public const string RestorePending = "RESTORE_PENDING";

    /// <param name="reason">See <see cref="Reason"/>.</param>
    /// <param name="message">What failed; whole sentences.</param>
    /// <param name="hint">See <see cref="Hint"/>.</param>
    /// <param name="innerException">What caused it.</param>
    public BackupSidecarException(string reason, string message, string hint, Exception? innerException = null)
        : base(hint.Length == 0 ? message : $"{message} {hint}", innerException)
    {
        Reason = reason;
        Hint = hint;
    }

    /// <summary>A name of ErrorReason in the contract (errors.proto), such as SOURCE_NOT_FOUND, or one of the constants of this class; empty: unknown.</summary>
    public string Reason { get; }

    /// <summary>The next thing to do, for people; empty: unknown.</summary>
    public string Hint { get; }
}
