using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A small object of the repository is damaged or of a version that this program does not know.</summary>
internal sealed class DocumentFormatException(string objectName, string location, string reason)
    : OperatorException(
        FailureKind.VerificationFailed,
        $"'{objectName}' in {location} cannot be used: {reason}.",
        "Bring this object back from a copy of the repository, or use the program version that wrote it.");
