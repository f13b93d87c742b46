using BackupSidecar.Api;
using BackupSidecar.Following;
using BackupSidecar.Ledger;

namespace BackupSidecar.Tests.Api;

/// <summary>A status in which every field has a value.</summary>
internal static class SampleStatus
{
    public static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <param name="text">Stands in every text.</param>
    public static ServeStatus Full(string text) => new()
    {
        Version = text,
        ProcessId = 7,
        StartedAt = At,
        Repository = text,
        IsEnding = true,
        IsResolved = true,
        Problems = [text],
        Disks = [new DiskStatus(text, text, 20, 21, At.AddSeconds(20))],
        Protection = new Protection(ProtectionLevel.Unsafe, [text], text),
        Sources =
        [
            new SourceStatus
            {
                Name = text,
                Path = text,
                State = SourceState.Failing,
                Reason = text,
                Protection = new Protection(ProtectionLevel.AtRisk, [text], text),
                Position = 1,
                Timeline = text,
                LastCaptureAt = At.AddSeconds(1),
                LagCommits = 2,
                LagSeconds = 3.25,
                BehindSince = At.AddSeconds(2),
                JournalMode = text,
                DatabaseBytes = 4,
                Captures = new CaptureCounts { Wal = 5, OldTail = 6, PageHashes = 7, Full = 8 },
                Refusals = [new RefusedCapture(At.AddSeconds(3), "wal", text)],
                WalBytes = 9,
                WalPins = [new WalPin(1, 10, text)],
                AppSqliteVersion = text,
                MissedResets = 11,
                LongestReadMilliseconds = 12.5,
                Assist = new AssistStatus { Checkpoints = 13, LongestWriteLockMilliseconds = 14.5, Hindrance = text },
                ScrubbedAt = At.AddSeconds(4),
                ScrubDifferences = 15,
                NextCompactionAt = At.AddSeconds(5),
                Trouble = new SourceTrouble(At.AddSeconds(6), At.AddSeconds(7), text, text, At.AddSeconds(8), At.AddSeconds(9)),
                Stored = new StoredAmount(22, 23, 24, 25, At.AddSeconds(21)),
                Runs = new SourceRuns
                {
                    Backups = new RunTotals(4, 26, 400, At.AddSeconds(22), At.AddSeconds(23)),
                    Drills = new RunTotals(2, 27, 500, At.AddSeconds(24), At.AddSeconds(25)),
                    LastProved = new ProvedRestore(At.AddSeconds(26), 28, text, 29, 30),
                    LastFailure = new RunFailure(At.AddSeconds(27), RunKind.Drill, text, text),
                },
                Restore = new RestoreUnderWay(text, text, text, At.AddSeconds(28)),
                Remotes =
                [
                    new RemoteStatus(text, text, 60)
                    {
                        Position = 11,
                        Timeline = text,
                        LastSyncAt = At.AddSeconds(30),
                        BehindSince = At.AddSeconds(31),
                        LagSeconds = 12.5,
                        Packs = 13,
                        Bytes = 14,
                        Trouble = new SourceTrouble(At.AddSeconds(32), At.AddSeconds(33), text, text, At.AddSeconds(34), At.AddSeconds(35)),
                        Account = new RemoteAccount(text)
                        {
                            Kind = text,
                            TokenExpiresAt = At.AddSeconds(36),
                            Death = new CredentialDeath(At.AddSeconds(37), text, text),
                            Requests = [new RequestCount("list", "limited", 15)],
                            RequestsToday = 16,
                            RequestsPerDay = 17,
                            UnitsInLastMinute = 18,
                            UnitsPerMinute = 19,
                            Waiting = 20,
                        },
                    },
                ],
                NextRuns = [new NextRun(text, At.AddSeconds(29))],
            },
        ],
    };

    /// <summary>One that is well, of two sources of which one is paused.</summary>
    public static ServeStatus Of(params SourceStatus[] sources) => ServeStatus.Of("test", At, "/r", [.. sources.Select(source => source with { Protection = Protection.Of(source, At) })], [], [], At);

    public static SourceStatus Source(string name) => new()
    {
        Name = name,
        Path = $"/d/{name}.db",
        State = SourceState.Following,
        Position = 7,
        Timeline = "00000000000000a7",
        LastCaptureAt = At,
        LagCommits = 0,
        LagSeconds = 0,
        DatabaseBytes = 4096,
    };
}
