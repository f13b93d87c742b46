namespace BackupSidecar.Restore.Swap;

/// <summary>Which database has the name after <see cref="SwapRecovery"/>.</summary>
internal enum SwapRecoveryKind
{
    /// <summary>No swap was interrupted.</summary>
    Nothing = 0,

    /// <summary>The new one: the interrupted swap is done.</summary>
    Finished,

    /// <summary>The old one, or none where there was none: the interrupted swap left no trace.</summary>
    Undone,
}
