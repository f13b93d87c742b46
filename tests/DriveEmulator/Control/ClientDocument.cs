namespace BackupSidecar.DriveEmulator.Control;

/// <summary>An app whose secret is to be checked from now on.</summary>
internal sealed record ClientDocument
{
    public required string Id { get; init; }

    public required string Secret { get; init; }
}
