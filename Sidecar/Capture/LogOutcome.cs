namespace BackupSidecar.Capture;

/// <summary>What a log could tell.</summary>
/// <param name="Changes">What has changed; null if nothing has, or if it cannot be told.</param>
/// <param name="Refusal">Why it cannot be told, as a part of a sentence; null if it can.</param>
/// <param name="LostCommits">True if the refusal shows that commits which were captured are gone from the database.</param>
internal readonly record struct LogOutcome(LogChanges? Changes, string? Refusal, bool LostCommits)
{
    public static LogOutcome Nothing => default;

    public static LogOutcome Changed(LogChanges changes) => new(changes, null, LostCommits: false);

    public static LogOutcome Refused(string reason, bool lostCommits = false) => new(null, reason, lostCommits);
}
