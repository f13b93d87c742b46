namespace BackupSidecar.DriveEmulator.Control;

/// <summary>Whose tokens are wanted, without a browser. All members have defaults.</summary>
internal sealed record TokenDocument
{
    public string? Account { get; init; }

    public string? ClientId { get; init; }

    /// <summary>Separated by spaces; default: the full Drive scope.</summary>
    public string? Scope { get; init; }
}
