using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>A pack is not what it should be. The message names the pack and what was expected and found where.</summary>
internal sealed class PackFormatException(string pack, string what)
    : OperatorException(
        FailureKind.VerificationFailed,
        $"Pack {pack} is damaged: {what}.",
        "Positions that do not need this pack can still be restored, with 'restore --position'; 'verify' names the backups that do need it and the newest position that does not. Another repository of the configuration may hold it undamaged: 'restore --config FILE --repository-name NAME'.");
