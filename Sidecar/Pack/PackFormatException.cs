using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>A pack is not what it should be. The message names the pack and what was expected and found where.</summary>
internal sealed class PackFormatException(string pack, string what)
    : OperatorException(
        FailureKind.VerificationFailed,
        $"Pack {pack} is damaged: {what}.",
        "Run 'verify --level data' to see how far the damage goes. Positions that do not need this pack can still be restored; a copy of the repository may hold the pack undamaged.");
