namespace BackupSidecar.Tests.Proof;

/// <summary>Where the repository of a proof lies.</summary>
public enum ProofStore
{
    /// <summary>In memory, as a directory behaves. Every case is tried.</summary>
    Memory = 0,

    /// <summary>In the Drive emulator, over HTTP. Cases are drawn.</summary>
    Drive,
}
