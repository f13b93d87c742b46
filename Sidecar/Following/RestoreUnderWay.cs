namespace BackupSidecar.Following;

/// <summary>A restore of a source in which its app takes part and that has not ended.</summary>
/// <param name="Id">Of the restore.</param>
/// <param name="State">Such as "staged".</param>
/// <param name="Position">What is restored.</param>
/// <param name="Deadline">When the app should have ended, or confirmed; null: nothing is waited for.</param>
internal sealed record RestoreUnderWay(string Id, string State, string Position, DateTimeOffset? Deadline);
