namespace BackupSidecar.Lifecycle;

/// <summary>What the sidecar needs an app to start again for.</summary>
/// <param name="IsRollback">False: a restore is staged. True: one is to be taken back.</param>
/// <param name="RestoreId">Which.</param>
/// <param name="Deadline">When the app should have ended.</param>
/// <param name="Message">A sentence.</param>
internal sealed record RestartWish(bool IsRollback, string RestoreId, DateTimeOffset Deadline, string Message)
{
    /// <summary>How long an app should take to end when its database is taken back.</summary>
    private static readonly TimeSpan RollbackWithin = TimeSpan.FromMinutes(1);

    /// <returns>Null: nothing is wanted.</returns>
    public static RestartWish? Of(RestoreRecord? restore) => restore switch
    {
        { State: RestoreState.Staged, IsFill: false } => new RestartWish(
            IsRollback: false,
            restore.Id,
            restore.RestartBy!.Value,
            $"Restore {restore.Id} of position {restore.PositionText} is staged: it is put in place when every instance has ended and one starts again."),
        { State: RestoreState.RollbackPending } => new RestartWish(
            IsRollback: true,
            restore.Id,
            restore.RollbackSince!.Value + RollbackWithin,
            $"Restore {restore.Id} is taken back, because {restore.Reason}: the database from before it is put in place when every instance has ended and one starts again."),
        _ => null,
    };
}
