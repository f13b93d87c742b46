using BackupSidecar.Policies;

namespace BackupSidecar.Hosting.Configuration;

/// <summary>How much of the past stays fine-grained, and what merging may cost.</summary>
internal sealed record CompactionSettings
{
    public static readonly TimeSpan WindowMin = TimeSpan.FromMinutes(1);

    /// <summary>Beyond it a directory would hold more captures than anybody restores from.</summary>
    public static readonly TimeSpan WindowMax = TimeSpan.FromDays(7);
    public static readonly TimeSpan GraceMin = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan GraceMax = TimeSpan.FromDays(7);
    public static readonly TimeSpan FullAfterMin = TimeSpan.FromDays(1);
    public static readonly TimeSpan FullAfterMax = TimeSpan.FromDays(365);

    public bool Enabled { get; init; } = true;

    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    public IReadOnlyList<CompactionLevel> Levels { get; init; } = new CompactionPolicyOptions().Levels;

    public TimeSpan FullAfter { get; init; } = TimeSpan.FromDays(7);

    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    public bool Equals(CompactionSettings? other) => other is not null
        && (Enabled, Window, FullAfter, Grace) == (other.Enabled, other.Window, other.FullAfter, other.Grace) && Levels.SequenceEqual(other.Levels);

    public override int GetHashCode() => HashCode.Combine(Enabled, Window, FullAfter, Grace, Levels.Count);
}
