using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A manifest is damaged, or says something that cannot be.</summary>
internal sealed class ManifestFormatException(string objectName, string location, string reason)
    : OperatorException(
        FailureKind.VerificationFailed,
        $"The manifest '{objectName}' in {location} cannot be used: {reason}.",
        "Its position can still be restored by --position if its packs are whole: 'list' shows it. Or bring the manifest back from a copy of the repository.");
