using BackupSidecar.Following;
using BackupSidecar.Pack;

namespace BackupSidecar.Tests.Following;

/// <summary>A source as a configuration without any settings makes it, but that each commit is captured at once.</summary>
internal static class SampleDefinition
{
    public static SourceDefinition Of(string name, string path) => new()
    {
        Name = name,
        Path = path,
        IsNamed = true,
        Enabled = true,
        Mode = CaptureMode.Observe,
        AppSqliteVersion = null,
        WalLimitBytes = 0,
        Interval = TimeSpan.Zero,
        RollbackJournalInterval = TimeSpan.FromMinutes(1),
        Scrub = TimeSpan.FromDays(1),
        Compression = CompressionLevel.Light,
        StartEmpty = false,
    };
}
