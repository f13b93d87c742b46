namespace BackupSidecar.DriveEmulator.Control;

/// <summary>A service account that is wanted.</summary>
internal sealed record ServiceAccountDocument
{
    /// <summary>Default: a new one.</summary>
    public string? Email { get; init; }

    /// <summary>Users that it may act for; an asterisk: all. Default: none.</summary>
    public IReadOnlyList<string> ActsFor { get; init; } = [];
}
