using BackupSidecar.Following;
using BackupSidecar.Ledger;
using V1 = BackupSidecar.Contracts.V1;

namespace BackupSidecar.Api;

/// <summary>The status of the program and of the contract, one from the other. A test holds that nothing is lost on the way.</summary>
internal static class StatusMessages
{
    public static V1.SidecarStatus ToMessage(ServeStatus status)
    {
        var message = new V1.SidecarStatus
        {
            Version = status.Version,
            ProcessId = status.ProcessId,
            StartTime = ProtoTime.ToProto(status.StartedAt),
            Repository = status.Repository,
            Ending = status.IsEnding,
            Resolved = status.IsResolved,
            Protection = ToMessage(status.Protection),
        };
        message.Sources.AddRange(status.Sources.Select(ToMessage));
        message.Problems.AddRange(status.Problems);
        message.Disks.AddRange(status.Disks.Select(disk => new V1.DiskStatus { Path = disk.Path, Use = disk.Use, FreeBytes = disk.FreeBytes, TotalBytes = disk.TotalBytes, FullTime = ProtoTime.ToProto(disk.FullAt) }));
        return message;
    }

    public static ServeStatus FromMessage(V1.SidecarStatus message) => new()
    {
        Version = message.Version,
        ProcessId = message.ProcessId,
        StartedAt = ProtoTime.FromProto(message.StartTime) ?? default,
        Repository = message.Repository,
        IsEnding = message.Ending,
        IsResolved = message.Resolved,
        Sources = [.. message.Sources.Select(FromMessage)],
        Problems = [.. message.Problems],
        Disks = [.. message.Disks.Select(disk => new DiskStatus(disk.Path, disk.Use, disk.FreeBytes, disk.TotalBytes, ProtoTime.FromProto(disk.FullTime)))],
        Protection = message.Protection is null ? Protection.Safe : FromMessage(message.Protection),
    };

    private static V1.SourceStatus ToMessage(SourceStatus source)
    {
        var message = new V1.SourceStatus
        {
            Name = source.Name,
            Path = source.Path,
            State = (V1.SourceState)source.State,
            Reason = source.Reason ?? "",
            Protection = source.Protection is { } protection ? ToMessage(protection) : null,
            Position = source.Position is { } position ? new V1.Position { Number = position, Timeline = source.Timeline ?? "" } : null,
            LastCaptureTime = ProtoTime.ToProto(source.LastCaptureAt),
            Lag = ProtoTime.FromSeconds(source.LagSeconds),
            BehindSinceTime = ProtoTime.ToProto(source.BehindSince),
            JournalMode = source.JournalMode ?? "",
            Captures = new V1.CaptureCounts { Wal = source.Captures.Wal, OldTail = source.Captures.OldTail, PageHashes = source.Captures.PageHashes, Full = source.Captures.Full },
            AppSqliteVersion = source.AppSqliteVersion ?? "",
            MissedResets = source.MissedResets,
            LongestRead = ProtoTime.FromMilliseconds(source.LongestReadMilliseconds),
            Assist = source.Assist is { } assist ? ToMessage(assist) : null,
            ScrubTime = ProtoTime.ToProto(source.ScrubbedAt),
            ScrubDifferences = source.ScrubDifferences,
            NextCompactionTime = ProtoTime.ToProto(source.NextCompactionAt),
            Trouble = source.Trouble is { } trouble ? ToMessage(trouble) : null,
            Backups = ToMessage(source.Runs.Backups),
            Drills = ToMessage(source.Runs.Drills),
            LastProvedRestore = source.Runs.LastProved is { } proved ? ToMessage(proved) : null,
            LastRunFailure = source.Runs.LastFailure is { } failure ? new V1.RunFailure { Time = ProtoTime.ToProto(failure.At), Kind = RunKindText.Of(failure.Kind), Message = failure.Message, Hint = failure.Hint } : null,
            Stored = source.Stored is { } stored ? ToMessage(stored) : null,
            Restore = source.Restore is { } restore ? new V1.RestoreUnderWay { RestoreId = restore.Id, State = restore.State, Position = restore.Position, Deadline = ProtoTime.ToProto(restore.Deadline) } : null,
        };
        message.NextRuns.AddRange(source.NextRuns.Select(run => new V1.NextRun { Kind = run.What, Time = ProtoTime.ToProto(run.At) }));
        message.Remotes.AddRange(source.Remotes.Select(ToMessage));
        message.Refusals.AddRange(source.Refusals.Select(refusal => new V1.RefusedCapture { Time = ProtoTime.ToProto(refusal.At), Method = refusal.Method, Reason = refusal.Reason }));
        message.WalPins.AddRange(source.WalPins.Select(pin => new V1.WalPin { Mark = pin.Mark, Frame = pin.Frame, Holder = pin.Holder }));
        SetNumbers(message, source);
        return message;
    }

    /// <summary>An optional number cannot be set to nothing: it is left out.</summary>
    private static void SetNumbers(V1.SourceStatus message, SourceStatus source)
    {
        if (source.LagCommits is { } lagCommits)
        {
            message.LagCommits = lagCommits;
        }

        if (source.DatabaseBytes is { } databaseBytes)
        {
            message.DatabaseBytes = databaseBytes;
        }

        if (source.WalBytes is { } walBytes)
        {
            message.WalBytes = walBytes;
        }
    }

    private static SourceStatus FromMessage(V1.SourceStatus message) => new()
    {
        Name = message.Name,
        Path = message.Path,
        State = (SourceState)message.State,
        Reason = OrNull(message.Reason),
        Protection = message.Protection is { } protection ? FromMessage(protection) : null,
        Position = message.Position?.Number,
        Timeline = OrNull(message.Position?.Timeline),
        LastCaptureAt = ProtoTime.FromProto(message.LastCaptureTime),
        LagCommits = message.HasLagCommits ? message.LagCommits : null,
        LagSeconds = ProtoTime.ToSeconds(message.Lag),
        BehindSince = ProtoTime.FromProto(message.BehindSinceTime),
        JournalMode = OrNull(message.JournalMode),
        DatabaseBytes = message.HasDatabaseBytes ? message.DatabaseBytes : null,
        Captures = message.Captures is { } counts ? new CaptureCounts { Wal = counts.Wal, OldTail = counts.OldTail, PageHashes = counts.PageHashes, Full = counts.Full } : new CaptureCounts(),
        Refusals = [.. message.Refusals.Select(refusal => new RefusedCapture(ProtoTime.FromProto(refusal.Time) ?? default, refusal.Method, refusal.Reason))],
        WalBytes = message.HasWalBytes ? message.WalBytes : null,
        WalPins = [.. message.WalPins.Select(pin => new WalPin(pin.Mark, pin.Frame, pin.Holder))],
        AppSqliteVersion = OrNull(message.AppSqliteVersion),
        MissedResets = message.MissedResets,
        LongestReadMilliseconds = ProtoTime.ToMilliseconds(message.LongestRead),
        Assist = message.Assist is { } assist ? FromMessage(assist) : null,
        ScrubbedAt = ProtoTime.FromProto(message.ScrubTime),
        ScrubDifferences = message.ScrubDifferences,
        NextCompactionAt = ProtoTime.FromProto(message.NextCompactionTime),
        Trouble = message.Trouble is { } trouble ? FromMessage(trouble) : null,
        Runs = new SourceRuns
        {
            Backups = FromMessage(message.Backups),
            Drills = FromMessage(message.Drills),
            LastProved = message.LastProvedRestore is { } proved ? FromMessage(proved) : null,
            LastFailure = message.LastRunFailure is { } failure ? new RunFailure(ProtoTime.FromProto(failure.Time) ?? default, RunKindText.Parse(failure.Kind), failure.Message, failure.Hint) : null,
        },
        Stored = message.Stored is { } stored ? new StoredAmount(stored.Bytes, stored.PackCount, stored.BackupCount, stored.RestorePointCount, ProtoTime.FromProto(stored.Time) ?? default) : null,
        Restore = message.Restore is { } restore ? new RestoreUnderWay(restore.RestoreId, restore.State, restore.Position, ProtoTime.FromProto(restore.Deadline)) : null,
        Remotes = [.. message.Remotes.Select(FromMessage)],
        NextRuns = [.. message.NextRuns.Select(run => new NextRun(run.Kind, ProtoTime.FromProto(run.Time) ?? default))],
    };

    private static V1.RemoteStatus ToMessage(RemoteStatus remote) => new()
    {
        Name = remote.Name,
        Location = remote.Location,
        Interval = ProtoTime.FromSeconds(remote.IntervalSeconds),
        Position = remote.Position is { } position ? new V1.Position { Number = position, Timeline = remote.Timeline ?? "" } : null,
        LastSyncTime = ProtoTime.ToProto(remote.LastSyncAt),
        BehindSinceTime = ProtoTime.ToProto(remote.BehindSince),
        Lag = ProtoTime.FromSeconds(remote.LagSeconds),
        Packs = remote.Packs,
        Bytes = remote.Bytes,
        Trouble = remote.Trouble is { } trouble ? ToMessage(trouble) : null,
        Account = remote.Account is { } account ? AccountMessages.ToMessage(account) : null,
    };

    private static RemoteStatus FromMessage(V1.RemoteStatus message) => new(message.Name, message.Location, ProtoTime.ToSeconds(message.Interval) ?? 0)
    {
        Position = message.Position?.Number,
        Timeline = OrNull(message.Position?.Timeline),
        LastSyncAt = ProtoTime.FromProto(message.LastSyncTime),
        BehindSince = ProtoTime.FromProto(message.BehindSinceTime),
        LagSeconds = ProtoTime.ToSeconds(message.Lag),
        Packs = message.Packs,
        Bytes = message.Bytes,
        Trouble = message.Trouble is { } trouble ? FromMessage(trouble) : null,
        Account = message.Account is { } account ? AccountMessages.FromMessage(account) : null,
    };

    private static V1.RunTotals ToMessage(RunTotals totals) => new()
    {
        Succeeded = totals.Succeeded,
        Failed = totals.Failed,
        AverageDuration = ProtoTime.FromMilliseconds(totals.Average?.TotalMilliseconds),
        LastSuccessTime = ProtoTime.ToProto(totals.LastSuccessAt),
        LastFailureTime = ProtoTime.ToProto(totals.LastFailureAt),
    };

    private static RunTotals FromMessage(V1.RunTotals? message) => message is null ? RunTotals.None : new RunTotals(
        message.Succeeded,
        message.Failed,
        (long)Math.Round((ProtoTime.ToMilliseconds(message.AverageDuration) ?? 0) * message.Succeeded),
        ProtoTime.FromProto(message.LastSuccessTime),
        ProtoTime.FromProto(message.LastFailureTime));

    private static V1.ProvedRestore ToMessage(ProvedRestore proved) => new()
    {
        Time = ProtoTime.ToProto(proved.At),
        Position = new V1.Position { Number = proved.Position, Timeline = proved.Timeline },
        DatabaseBytes = proved.DatabaseBytes,
        Duration = ProtoTime.FromMilliseconds(proved.Milliseconds),
    };

    private static ProvedRestore FromMessage(V1.ProvedRestore message) => new(
        ProtoTime.FromProto(message.Time) ?? default, message.Position?.Number ?? 0, message.Position?.Timeline ?? "", message.DatabaseBytes, (long)(ProtoTime.ToMilliseconds(message.Duration) ?? 0));

    private static V1.StoredAmount ToMessage(StoredAmount stored) => new()
    {
        Bytes = stored.Bytes,
        PackCount = stored.Packs,
        BackupCount = stored.Backups,
        RestorePointCount = stored.RestorePoints,
        Time = ProtoTime.ToProto(stored.At),
    };

    private static V1.Protection ToMessage(Protection protection)
    {
        var message = new V1.Protection { Level = (V1.ProtectionLevel)protection.Level, NextStep = protection.NextStep ?? "" };
        message.Reasons.AddRange(protection.Reasons);
        return message;
    }

    private static Protection FromMessage(V1.Protection message) => new((ProtectionLevel)message.Level, [.. message.Reasons], OrNull(message.NextStep));

    private static V1.AssistStatus ToMessage(AssistStatus assist) => new()
    {
        Checkpoints = assist.Checkpoints,
        LongestWriteLock = ProtoTime.FromMilliseconds(assist.LongestWriteLockMilliseconds),
        Hindrance = assist.Hindrance ?? "",
    };

    private static AssistStatus FromMessage(V1.AssistStatus message) => new()
    {
        Checkpoints = message.Checkpoints,
        LongestWriteLockMilliseconds = ProtoTime.ToMilliseconds(message.LongestWriteLock) ?? 0,
        Hindrance = OrNull(message.Hindrance),
    };

    private static V1.Trouble ToMessage(SourceTrouble trouble) => new()
    {
        Time = ProtoTime.ToProto(trouble.At),
        SinceTime = ProtoTime.ToProto(trouble.Since),
        Message = trouble.Message,
        Hint = trouble.Hint,
        NextTryTime = ProtoTime.ToProto(trouble.NextTryAt),
        OverTime = ProtoTime.ToProto(trouble.OverAt),
    };

    private static SourceTrouble FromMessage(V1.Trouble message) => new(
        ProtoTime.FromProto(message.Time) ?? default,
        ProtoTime.FromProto(message.SinceTime) ?? default,
        message.Message,
        message.Hint,
        ProtoTime.FromProto(message.NextTryTime),
        ProtoTime.FromProto(message.OverTime));

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
