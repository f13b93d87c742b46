using BackupSidecar.Primitives;

namespace BackupSidecar.Policies;

/// <summary>What is merged when, and which restore points stay.</summary>
internal sealed record CompactionPolicyOptions
{
    /// <summary>Every capture stays a restore point until it is this old.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Ascending. Each level writes what changed in its span once more, and each one less makes the chain of a restore longer: with these, what changes in an hour is
    /// written about twice after its capture, and a restore reads two dozen on average beside the captures of the last minute.
    /// </summary>
    public IReadOnlyList<CompactionLevel> Levels { get; init; } =
    [
        new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
        new(TimeSpan.FromMinutes(15), TimeSpan.FromDays(30)),
        new(TimeSpan.FromHours(6), TimeSpan.FromDays(60)),
        new(TimeSpan.FromDays(1), TimeSpan.MaxValue),
    ];

    /// <summary>A full is made at the end of a span of the last level when the last one is this much older. Also when the changes since add up to more than it, or are too many packs.</summary>
    public TimeSpan FullAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A full is made when more changesets than this stand between the last one and the end of a span of the last level.</summary>
    public int FullAfterPacks { get; init; } = 100;

    /// <summary>Packs that one merge reads, at most; more are merged in rounds. All captures of a minute at the default interval: what is merged in rounds is written once more.</summary>
    public int InputsMax { get; init; } = 640;

    /// <summary>Memory that the inputs of one merge take, at most, by <see cref="CompactionPolicy.InputCost"/>.</summary>
    public long InputBytesMax { get; init; } = 24L << 20;

    /// <returns>What is wrong with these options, as a sentence; null if nothing is.</returns>
    public string? FindProblem()
    {
        if (Levels.Count == 0 || Levels[0].Span <= TimeSpan.Zero || Window < TimeSpan.Zero || FullAfter <= TimeSpan.Zero)
        {
            return "Compaction needs at least one level, and spans above zero.";
        }

        foreach (var (finer, coarser) in Levels.Zip(Levels.Skip(1)))
        {
            if (coarser.Span <= finer.Span || coarser.Span.Ticks % finer.Span.Ticks != 0)
            {
                return $"The span of a compaction level must be a multiple of the one before: {DurationText.Of(coarser.Span)} is none of {DurationText.Of(finer.Span)}.";
            }

            if (finer.KeepPoints < coarser.Span || coarser.KeepPoints < finer.KeepPoints)
            {
                return $"The restore points of each {DurationText.Of(finer.Span)} must be kept for {DurationText.Of(coarser.Span)} or longer, and no longer than those of each {DurationText.Of(coarser.Span)}.";
            }
        }

        return InputsMax < 2 || FullAfterPacks < 1 ? "Compaction needs two inputs or more, and a full after one pack or more." : null;
    }
}
