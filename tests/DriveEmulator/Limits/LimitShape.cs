namespace BackupSidecar.DriveEmulator.Limits;

/// <summary>How a call over a rate limit is refused; Drive does both.</summary>
public enum LimitShape
{
    /// <summary>403 with the reason userRateLimitExceeded, in the older body.</summary>
    Forbidden,

    /// <summary>429 with RESOURCE_EXHAUSTED, in the newer body.</summary>
    TooManyRequests,
}
