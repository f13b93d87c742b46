namespace BackupSidecar.Restore.Swap;

/// <summary>How long a swap waits for others.</summary>
internal sealed record SwapPatience
{
    /// <summary>For the locks of the old database: lets short readers finish. Past it the swap is refused.</summary>
    public TimeSpan LockWaitMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For processes that have the old database open and hold no lock on it. Longer than SQLite's usual busy time-outs of 5 s, so that one that only waits for us gives up first.</summary>
    public TimeSpan OpenersWaitMax { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>After the rename, for processes that opened the old file in the instant of the rename. Past it the swap ends with a warning.</summary>
    public TimeSpan LateComersWaitMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After the rename, before the first look for late-comers: a process may have looked the old name up and not yet opened it.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>False treats the file system as one that cannot say who has a file open.</summary>
    public bool AsksForOpeners { get; init; } = true;
}
