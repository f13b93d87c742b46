namespace BackupSidecar.DriveEmulator.Control;

/// <summary>What a user answers to a device.</summary>
internal sealed record DeviceDocument
{
    public required string UserCode { get; init; }

    /// <summary>Default: the default account.</summary>
    public string? Account { get; init; }

    public bool Deny { get; init; }
}
