namespace BackupSidecar.Restore.Swap;

/// <summary>What an interrupted swap came to.</summary>
/// <param name="Text">Whole sentences for the operator; empty where there was nothing to do.</param>
/// <param name="SafetyCopyPath">Where the old database is kept, if the new one is in place and there was an old one.</param>
internal sealed record SwapRecoveryOutcome(SwapRecoveryKind Kind, string Text, string? SafetyCopyPath)
{
    public static SwapRecoveryOutcome Nothing { get; } = new(SwapRecoveryKind.Nothing, string.Empty, SafetyCopyPath: null);
}
