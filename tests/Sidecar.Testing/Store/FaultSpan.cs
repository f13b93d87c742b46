namespace BackupSidecar.Testing.Store;

/// <summary>How far a <see cref="Fault"/> reaches beyond the call that it strikes.</summary>
internal enum FaultSpan
{
    /// <summary>Not used.</summary>
    Unspecified = 0,

    /// <summary>That call only.</summary>
    Once,

    /// <summary>Every later call that does the same with the same object.</summary>
    SameObject,

    /// <summary>Every later call.</summary>
    Everything,
}
