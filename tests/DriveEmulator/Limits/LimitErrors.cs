using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Limits;

/// <summary>How Drive refuses who asks too often.</summary>
internal static class LimitErrors
{
    public static DriveException User(LimitShape shape) => shape switch
    {
        LimitShape.Forbidden => new DriveException(403, "userRateLimitExceeded", "User Rate Limit Exceeded. Rate of requests for user exceed configured project quota.") { Domain = "usageLimits" },
        LimitShape.TooManyRequests => new DriveException(429, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'drive.googleapis.com'.") { Domain = "usageLimits", Shape = BodyShape.Modern },
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, null),
    };

    public static DriveException Daily() => new(403, "dailyLimitExceeded", "Daily Limit Exceeded") { Domain = "usageLimits" };
}
