namespace BackupSidecar.Tests.Proof;

/// <summary>What a backup can meet. Each leads to another sequence of store calls.</summary>
public enum BackupSituation
{
    First = 0,
    Increment,
    NoChange,
    LostState,
    ReplacedFile,
    OtherPageSize,

    /// <summary>The run before was killed between its pack and its manifest.</summary>
    PackWithoutManifest,

    /// <summary>The same, and nothing was written since.</summary>
    PackWithoutManifestAndNoChange,
}
