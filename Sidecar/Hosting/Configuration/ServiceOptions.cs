namespace BackupSidecar.Hosting.Configuration;

/// <summary>How apps and operators reach the service.</summary>
internal sealed record ServiceOptions
{
    /// <summary>The largest group id: the one above it means "none" to the system.</summary>
    public const long GroupMax = uint.MaxValue - 1;

    /// <summary>Absolute; null: in the state directory.</summary>
    public string? AppSocket { get; init; }

    /// <summary>Null: the group that the process has.</summary>
    public long? AppSocketGroup { get; init; }
}
