namespace BackupSidecar.Ledger;

/// <summary>The last restore that was proved to work.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Position">The number of what was restored.</param>
/// <param name="Timeline">Of it.</param>
/// <param name="DatabaseBytes">Length of the database.</param>
/// <param name="Milliseconds">What a restore at that moment would have taken.</param>
internal sealed record ProvedRestore(DateTimeOffset At, ulong Position, string Timeline, long DatabaseBytes, long Milliseconds);
