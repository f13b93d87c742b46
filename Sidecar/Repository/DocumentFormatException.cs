using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A small object of the repository is damaged or of a version that this program does not know.</summary>
internal sealed class DocumentFormatException : OperatorException
{
    public DocumentFormatException(string objectName, string location, string reason)
        : base(
            FailureKind.VerificationFailed,
            $"'{objectName}' in {location} cannot be used: {reason}.",
            "Bring this object back from a copy of the repository, or use the program version that wrote it.")
    {
    }

    /// <param name="cause">What is wrong with the object.</param>
    /// <param name="hint">What to do where this object is concerned.</param>
    public DocumentFormatException(DocumentFormatException cause, string hint)
        : base(cause.Kind, cause.Message, hint, cause)
    {
    }
}
