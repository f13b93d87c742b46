namespace BackupSidecar.Cli.Documents;

/// <summary>Positions of one timeline that follow each other and are alike.</summary>
/// <param name="Timeline">Their timeline.</param>
/// <param name="ParentPosition">Where the timeline starts from; null where it starts from nothing, and where this is not its first run.</param>
/// <param name="ParentTimeline">The timeline of <paramref name="ParentPosition"/>.</param>
/// <param name="First">The first position.</param>
/// <param name="Last">The last one.</param>
/// <param name="Points">How many there are.</param>
/// <param name="EveryMs">About how far they are apart; 0: every capture of this time is there.</param>
/// <param name="From">The time of the first one.</param>
/// <param name="To">The time of the last one.</param>
/// <param name="Restorable">False: a pack is missing.</param>
internal sealed record ListedRun(
    string Timeline,
    ulong? ParentPosition,
    string? ParentTimeline,
    ulong First,
    ulong Last,
    int Points,
    long EveryMs,
    DateTimeOffset From,
    DateTimeOffset To,
    bool Restorable);
