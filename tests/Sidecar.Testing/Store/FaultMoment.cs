namespace BackupSidecar.Testing.Store;

/// <summary>When a fault strikes within a store call.</summary>
internal enum FaultMoment
{
    Unspecified = 0,

    /// <summary>The call has no effect.</summary>
    Before,

    /// <summary>Half of a write takes effect; any other call has none.</summary>
    Midway,

    /// <summary>The call has its whole effect, and its caller never learns of it.</summary>
    After,
}
