namespace BackupSidecar.Following;

/// <summary>What a comparison in windows has found and put.</summary>
/// <param name="Stored">The pack; null if no page was different.</param>
/// <param name="NewTimelineReason">Why a new timeline begins with it, or null.</param>
/// <param name="LongestWindow">The longest time that a read mark was held.</param>
internal readonly record struct ComparedChangeset(StoredChangeset? Stored, string? NewTimelineReason, TimeSpan LongestWindow);
