using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>The errors that a script may name, as Drive words them.</summary>
internal static class FaultErrors
{
    public static DriveException Of(int status, string? reason, BodyShape shape)
    {
        var word = reason ?? DefaultReason(status);
        return new DriveException(status, word, MessageOf(word)) { Domain = DomainOf(word), Shape = shape };
    }

    private static string DefaultReason(int status) => status switch
    {
        400 => "badRequest",
        401 => "authError",
        403 => "userRateLimitExceeded",
        404 => "notFound",
        409 => "conflict",
        429 => "rateLimitExceeded",
        500 => "internalError",
        _ => "backendError",
    };

    private static string DomainOf(string reason) => reason.EndsWith("imitExceeded", StringComparison.Ordinal) ? "usageLimits" : "global";

    private static string MessageOf(string reason) => reason switch
    {
        "userRateLimitExceeded" => "User Rate Limit Exceeded",
        "rateLimitExceeded" => "Rate Limit Exceeded",
        "dailyLimitExceeded" => "Daily Limit Exceeded",
        "storageQuotaExceeded" => "The user's Drive storage quota has been exceeded.",
        "insufficientFilePermissions" => "The user does not have sufficient permissions for this file.",
        "authError" => "Invalid Credentials",
        "internalError" => "Internal Error",
        "backendError" => "Backend Error",
        _ => reason,
    };
}
