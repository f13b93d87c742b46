namespace BackupSidecar.Api;

/// <summary>A feature of each connection that a listener of ours accepts.</summary>
internal interface ICaller
{
    CallerRole Role { get; }
}
