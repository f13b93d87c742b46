using Google.Apis.Util;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The library's clock on ours.</summary>
internal sealed class DriveClock(TimeProvider time) : IClock
{
    public DateTime Now => time.GetLocalNow().DateTime;

    public DateTime UtcNow => time.GetUtcNow().UtcDateTime;
}
