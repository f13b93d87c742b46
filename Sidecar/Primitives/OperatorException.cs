namespace BackupSidecar.Primitives;

/// <summary>A failure that a person can act on: the message names the object and the step, the hint the next thing to do.</summary>
internal class OperatorException : Exception
{
    public OperatorException(FailureKind kind, string message, string hint, Exception? innerException = null)
        : base(message, innerException)
    {
        Kind = kind;
        Hint = hint;
    }

    public FailureKind Kind { get; }

    /// <summary>One or two sentences: what to do next.</summary>
    public string Hint { get; }
}
