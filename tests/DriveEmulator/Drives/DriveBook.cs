using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Drives;

/// <summary>Shared drives.</summary>
internal static class DriveBook
{
    public static DriveException NotFound(string driveId) => new(404, "notFound", $"Shared drive not found: {driveId}") { Parameter = "driveId" };
}
