namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The answer to the request for a device code.</summary>
internal sealed record DeviceCodeAnswer
{
    public string? DeviceCode { get; init; }

    public string? UserCode { get; init; }

    public string? VerificationUrl { get; init; }

    /// <summary>The same under the name that RFC 8628 gives it.</summary>
    public string? VerificationUri { get; init; }

    public long? ExpiresIn { get; init; }

    public long? Interval { get; init; }

    public string? Error { get; init; }
}
