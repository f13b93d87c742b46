namespace BackupSidecar.DriveEmulator.Http;

/// <summary>A call that Drive refuses; the answer's body is made from it.</summary>
internal sealed class DriveException(int status, string reason, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>Drive's own word, such as <c>userRateLimitExceeded</c>.</summary>
    public string Reason { get; } = reason;

    public string Domain { get; init; } = "global";

    /// <summary>The parameter or header at fault, or null.</summary>
    public string? Parameter { get; init; }

    public BodyShape Shape { get; init; } = BodyShape.Legacy;

    public TimeSpan? RetryAfter { get; init; }

    public static DriveException NotFound(string fileId) =>
        new(404, "notFound", $"File not found: {fileId}.") { Parameter = "fileId" };

    public static DriveException Invalid(string parameter, string message) =>
        new(400, "invalid", message) { Parameter = parameter };

    public static DriveException IdInUse() =>
        new(409, "fileIdInUse", "A file already exists with the provided ID.");
}
