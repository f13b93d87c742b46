using BackupSidecar.Following;
using BackupSidecar.Pack;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>One database, or the databases of a directory.</summary>
internal sealed record SourceOptions
{
    public static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);
    public static readonly TimeSpan RollbackJournalIntervalMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan RollbackJournalIntervalMax = TimeSpan.FromDays(1);
    public const long WalLimitMegabytesMax = 1 << 20;
    public static readonly TimeSpan ScrubMin = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan ScrubMax = TimeSpan.FromDays(365);
    public static readonly TimeSpan RunEveryMax = TimeSpan.FromDays(365);
    public static readonly TimeSpan RescanMin = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan RescanMax = TimeSpan.FromDays(1);

    /// <summary>Of a directory: the beginning of each name.</summary>
    public string? Name { get; init; }

    /// <summary>Absolute; null for a directory.</summary>
    public string? Path { get; init; }

    /// <summary>Absolute; null for one database.</summary>
    public string? Directory { get; init; }

    public string Glob { get; init; } = "*.db";

    public IReadOnlyList<string> Exclude { get; init; } = [];

    public TimeSpan Rescan { get; init; } = TimeSpan.FromSeconds(10);

    public bool Enabled { get; init; } = true;

    public CaptureMode Mode { get; init; } = CaptureMode.Observe;

    /// <summary>Null: mode observe.</summary>
    public uint? AppSqliteVersion { get; init; }

    public long WalLimitMegabytes { get; init; } = 64;

    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan RollbackJournalInterval { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Scrub { get; init; } = TimeSpan.FromDays(1);

    public CompressionLevel Compression { get; init; } = CompressionLevel.Light;

    public bool StartEmpty { get; init; }

    /// <summary>Zero: never by itself.</summary>
    public TimeSpan BackupEvery { get; init; }

    /// <summary>Zero: never by itself.</summary>
    public TimeSpan DrillEvery { get; init; }
}
