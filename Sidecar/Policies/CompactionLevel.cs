namespace BackupSidecar.Policies;

/// <summary>One step of the ladder from single captures to days.</summary>
/// <param name="Span">Changesets are merged up to each multiple of this since 1970.</param>
/// <param name="KeepPoints">The last position of each span stays a restore point until it is this old.</param>
internal sealed record CompactionLevel(TimeSpan Span, TimeSpan KeepPoints);
