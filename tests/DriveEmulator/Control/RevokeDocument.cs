namespace BackupSidecar.DriveEmulator.Control;

/// <summary>Whose grants end: those of one token, or all that fit. Nothing named: all.</summary>
internal sealed record RevokeDocument
{
    public string? Token { get; init; }

    public string? Account { get; init; }

    public string? ClientId { get; init; }
}
