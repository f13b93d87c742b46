using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary>The exit codes, and the only place where a failure becomes one. restic's numbers where the two overlap.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Partial = 3;
    public const int RepositoryMissing = 10;
    public const int Locked = 11;
    public const int WrongKey = 12;
    public const int VerificationFailed = 13;
    public const int DatabaseInUse = 14;
    public const int UnsafeEnvironment = 15;
    public const int Interrupted = 130;

    /// <summary>What every help text ends with.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Table { get; } =
    [
        (Ok, "done"),
        (Failed, "failed, also for wrong usage; nothing was half-done"),
        (Partial, "done, but read the output: older backups are in doubt, nothing that was verified can be restored, or an app could commit after the final capture of serve"),
        (RepositoryMissing, "there is no repository at that place"),
        (Locked, "the repository is locked by another writer"),
        (WrongKey, "wrong key (reserved: there is no encryption yet)"),
        (VerificationFailed, "verification failed: stored or restored data is not what it should be"),
        (DatabaseInUse, "refused, because the database is in use"),
        (UnsafeEnvironment, "refused, because the environment makes the work unsafe"),
        (Interrupted, "interrupted; run the command again"),
    ];

    public static int Of(FailureKind kind) => kind switch
    {
        FailureKind.Failed => Failed,
        FailureKind.Partial => Partial,
        FailureKind.RepositoryMissing => RepositoryMissing,
        FailureKind.Locked => Locked,
        FailureKind.VerificationFailed => VerificationFailed,
        FailureKind.DatabaseInUse => DatabaseInUse,
        FailureKind.UnsafeEnvironment => UnsafeEnvironment,
        FailureKind.Unspecified or _ => Failed,
    };
}
