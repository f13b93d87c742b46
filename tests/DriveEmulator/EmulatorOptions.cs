using System.Net;
using BackupSidecar.DriveEmulator.Limits;
using BackupSidecar.DriveEmulator.OAuth;

namespace BackupSidecar.DriveEmulator;

/// <summary>What one emulator is like. The defaults are those of an ordinary account, as Google documents them.</summary>
public sealed record EmulatorOptions
{
    /// <summary>Where all state is kept; created if it is absent. One emulator at a time.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Any bearer token is taken for one of the default account with the full Drive scope; tokens that the emulator has issued keep their own meaning.</summary>
    public bool AnyToken { get; init; }

    /// <summary>The mail address of the account that signs in where nobody names another one.</summary>
    public string Account { get; init; } = "user@example.com";

    /// <summary>Files show sha256Checksum. Without it they do not, which is what a client must be able to live with.</summary>
    public bool Sha256 { get; init; }

    /// <summary>Storage of each account in bytes; 0: none at all. Files in shared drives do not count.</summary>
    public long QuotaBytes { get; init; } = 15L << 30;

    /// <summary>Units that one user may spend in a minute; 0: no limit.</summary>
    public long UnitsPerMinute { get; init; } = 325_000;

    /// <summary>How a call over the limit is refused.</summary>
    public LimitShape LimitShape { get; init; } = LimitShape.Forbidden;

    /// <summary>Calls of all users in a day, after which every call answers 403 dailyLimitExceeded; 0: no limit.</summary>
    public long RequestsPerDay { get; init; }

    /// <summary>Bytes that one user may upload in a day; 0: no limit.</summary>
    public long UploadBytesPerDay { get; init; } = 750L << 30;

    /// <summary>What the browser page of the authorization endpoint does.</summary>
    public ConsentMode Consent { get; init; } = ConsentMode.Auto;

    /// <summary>A refresh answers a new refresh token, and the old one is dead.</summary>
    public bool RotateRefreshTokens { get; init; }

    /// <summary>How long a refresh token lives; null: until it is revoked. Apps in testing have 7 days.</summary>
    public TimeSpan? RefreshTokenLifetime { get; init; }

    /// <summary>How long an access token lives.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Requests that the log keeps; older ones are forgotten, the counters are not.</summary>
    public int RequestLogMax { get; init; } = 100_000;

    /// <summary>The clock that the emulator's own runs on top of, see <c>POST /emulator/clock</c>. Delays and bandwidths of faults wait on this one.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
