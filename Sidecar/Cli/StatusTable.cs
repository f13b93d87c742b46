using System.Globalization;
using BackupSidecar.Api;
using BackupSidecar.Cli.Output;
using BackupSidecar.Following;
using BackupSidecar.Ledger;

namespace BackupSidecar.Cli;

/// <summary>What <c>status</c> shows to people: a line a source, and below what needs words.</summary>
internal static class StatusTable
{
    private const string Unknown = "-";

    private static readonly string[] Headings = ["SOURCE", "PROTECTION", "STATE", "POSITION", "LAST CAPTURE", "LAG", "CAPTURES", "WAL", "APP SQLITE"];

    public static void Write(TextWriter writer, ServeStatus status, Surroundings surroundings)
    {
        if (status.Sources.Count > 0)
        {
            TextTable.Write(writer, Headings, [.. status.Sources.Select(source => Row(source, surroundings.Time))], surroundings.IsOutTerminal);
        }

        foreach (var source in status.Sources)
        {
            WriteRemarks(writer, source, surroundings.Time);
        }

        foreach (var disk in status.Disks)
        {
            var full = disk.FullAt is { } at ? $", full at {HumanText.Time(at, surroundings.Time)} if it goes on filling" : "";
            writer.WriteLine($"disk of the {disk.Use} ({disk.Path}): {HumanText.Bytes(disk.FreeBytes)} of {HumanText.Bytes(disk.TotalBytes)} free{full}");
        }

        foreach (var problem in status.Problems)
        {
            writer.WriteLine($"PROBLEM: {problem}");
        }

        if (status.Repository.Length == 0)
        {
            // Through the socket of an app, or of one source.
            return;
        }

        writer.WriteLine($"serve {status.Version}, process {status.ProcessId}, since {HumanText.Time(status.StartedAt, surroundings.Time)}: {HumanText.Count(status.Sources.Count, "source")} into {status.Repository}.");
    }

    private static string[] Row(SourceStatus source, TimeProvider time) =>
    [
        source.Name,
        source.Protection is { } protection ? WordOf(protection.Level) : Unknown,
        source.State.ToString().ToLowerInvariant(),
        source.Position is { } position ? $"{position}" : Unknown,
        source.LastCaptureAt is { } at ? HumanText.Age(at, time) : Unknown,
        Lag(source),
        $"{source.Captures.Wal} wal, {source.Captures.OldTail} tail, {source.Captures.PageHashes} hash, {source.Captures.Full} full",
        source.WalBytes is { } bytes ? HumanText.Bytes(bytes) : Unknown,
        source.AppSqliteVersion ?? Unknown,
    ];

    private static string WordOf(ProtectionLevel level) => level switch
    {
        ProtectionLevel.Safe => "safe",
        ProtectionLevel.AtRisk => "AT RISK",
        ProtectionLevel.Unsafe => "UNSAFE",
        _ => Unknown,
    };

    private static string Lag(SourceStatus source) => (source.LagCommits, source.LagSeconds) switch
    {
        (null, null) => Unknown,
        (0, _) => "none",
        (var commits, var seconds) => string.Join(", ", ((string?[])[commits is { } count ? HumanText.Count(count, "commit") : null, seconds is { } s ? HumanText.Duration(TimeSpan.FromSeconds(s)) : null]).OfType<string>()),
    };

    private static void WriteRemarks(TextWriter writer, SourceStatus source, TimeProvider time)
    {
        var timeline = source.Timeline is null ? "" : $", timeline {source.Timeline}";
        writer.WriteLine($"{source.Name}: {source.Path}{timeline}{(source.JournalMode is null ? "" : $", {source.JournalMode}")}{(source.Reason is null ? "" : $"; {source.Reason}")}");
        if (source.Protection is { Level: not ProtectionLevel.Safe } protection)
        {
            foreach (var reason in protection.Reasons)
            {
                writer.WriteLine($"  {WordOf(protection.Level),-8}  {reason}");
            }

            writer.WriteLine($"  next      {protection.NextStep}");
        }

        if (source.Trouble is { } trouble)
        {
            var next = (trouble.OverAt, trouble.NextTryAt) switch
            {
                ({ } over, _) => $"; it was over {HumanText.Age(over, time)}",
                (_, { } at) => $"; next try {When(at, time)}",
                _ => "; it is tried again now",
            };
            writer.WriteLine($"  error     {HumanText.Age(trouble.At, time)}: {trouble.Message}{next}");
            writer.WriteLine($"  hint      {trouble.Hint}");
        }

        foreach (var pin in source.WalPins)
        {
            writer.WriteLine($"  wal held  by {pin.Holder}: {(pin.Mark == 0 ? "reads the database file, so that no checkpoint copies into it" : $"reads up to frame {pin.Frame} (mark {pin.Mark})")}");
        }

        if (source.Assist is { } assist)
        {
            writer.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  assist    log copied {HumanText.Count(assist.Checkpoints, "time")}, app's writers kept away for {assist.LongestWriteLockMilliseconds:0.#} ms at the longest{(assist.Hindrance is null ? "" : $"; last: {assist.Hindrance}")}"));
        }

        foreach (var refusal in source.Refusals.Take(3))
        {
            writer.WriteLine($"  refused   {refusal.Method}, {HumanText.Age(refusal.At, time)}: {refusal.Reason}");
        }

        if (source.MissedResets > 0)
        {
            writer.WriteLine($"  resets    {HumanText.Count(source.MissedResets)} came before the log was captured, and cost a dearer capture each");
        }

        if (source.ScrubbedAt is { } scrubbed)
        {
            writer.WriteLine($"  scrubbed  {HumanText.Age(scrubbed, time)}: every page was what was captured");
        }

        if (source.NextCompactionAt is { } compaction)
        {
            writer.WriteLine($"  compacts  {When(compaction, time)}");
        }

        WriteStored(writer, source, time);
    }

    private static void WriteStored(TextWriter writer, SourceStatus source, TimeProvider time)
    {
        if (source.Restore is { } restore)
        {
            writer.WriteLine($"  restore   {restore.Id} of position {restore.Position} is {restore.State}{(restore.Deadline is { } deadline ? $", until {HumanText.Time(deadline, time)}" : "")}");
        }

        if (source.Stored is { } stored)
        {
            var times = source.DatabaseBytes is > 0 and var bytes ? string.Create(CultureInfo.InvariantCulture, $", {(double)stored.Bytes / bytes:0.0#} times the database") : "";
            writer.WriteLine($"  stored    {HumanText.Bytes(stored.Bytes)} in {HumanText.Count(stored.Packs, "pack")}{times}: {HumanText.Count(stored.RestorePoints, "restore point")}, {HumanText.Count(stored.Backups, "backup")}");
        }

        var runs = source.Runs;
        if (runs.LastProved is { } proved)
        {
            writer.WriteLine($"  proved    {HumanText.Age(proved.At, time)}: position {proved.Position} restored, {HumanText.Bytes(proved.DatabaseBytes)} in {HumanText.Duration(TimeSpan.FromMilliseconds(proved.Milliseconds))}");
        }
        else if (source.Position is not null)
        {
            writer.WriteLine("  proved    no restore yet: 'verify --level drill' makes one, drillEvery in the configuration regularly");
        }

        foreach (var (what, totals) in ((string, RunTotals)[])[("backups", runs.Backups), ("drills", runs.Drills)])
        {
            if (totals.SuccessRate is { } rate)
            {
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {what,-8}  {HumanText.Count(totals.Succeeded)} of {HumanText.Count(totals.Succeeded + totals.Failed)} succeeded ({rate:0.#%}){(totals.Average is { } average ? $", {HumanText.Duration(average)} each" : "")}"));
            }
        }

        if (runs.LastFailure is { } failure)
        {
            writer.WriteLine($"  failed    {RunKindText.Of(failure.Kind)}, {HumanText.Age(failure.At, time)}: {failure.Message}");
        }

        foreach (var remote in source.Remotes)
        {
            WriteRemote(writer, remote, time);
        }

        if (source.NextRuns.Count > 0)
        {
            writer.WriteLine($"  due       {string.Join("; ", source.NextRuns.Select(run => $"{run.What} {When(run.At, time)}"))}");
        }
    }

    private static void WriteRemote(TextWriter writer, RemoteStatus remote, TimeProvider time)
    {
        var state = (remote.Position, remote.BehindSince) switch
        {
            (null, _) when remote.LastSyncAt is null => "what is there is not known yet",
            (null, _) => "nothing there yet",
            ({ } position, null) => $"position {position}, everything",
            ({ } position, { } since) => $"position {position}, behind for {HumanText.Duration(time.GetUtcNow() - since)}",
        };
        writer.WriteLine($"  remote    {remote.Name}: {state}; {HumanText.Bytes(remote.Bytes)} sent ({remote.Location})");
        if (remote.Account is { } account)
        {
            WriteAccount(writer, remote.Name, account, time);
        }

        if (remote.Trouble is { OverAt: null } trouble)
        {
            writer.WriteLine($"  error     {remote.Name}, {HumanText.Age(trouble.At, time)}: {trouble.Message}{(trouble.NextTryAt is { } at ? $"; next try {When(at, time)}" : "")}");
            writer.WriteLine($"  hint      {trouble.Hint}");
        }
    }

    private static void WriteAccount(TextWriter writer, string remote, RemoteAccount account, TimeProvider time)
    {
        var waiting = account.Waiting == 0 ? "" : $", calls that wait for units: {HumanText.Count(account.Waiting)}";
        var token = account.TokenExpiresAt is { } expiry ? $"; token until {HumanText.Time(expiry, time)}" : "";
        writer.WriteLine(
            $"  account   {remote}: {account.Kind ?? "credential"} in {account.Credential}; {HumanText.Count(account.RequestsToday)} of {HumanText.Count(account.RequestsPerDay)} requests today, "
            + $"{HumanText.Count(account.UnitsInLastMinute)} of {HumanText.Count(account.UnitsPerMinute)} units in the last minute{waiting}{token}");
        if (account.Death is { } death)
        {
            writer.WriteLine($"  DEAD      {remote}: the credential in {account.Credential} is worth nothing any more ({death.Reason}), told {HumanText.Age(death.Since, time)}: nothing goes there");
            writer.WriteLine($"  hint      {death.Hint}");
        }
    }

    private static string When(DateTimeOffset at, TimeProvider time) =>
        at <= time.GetUtcNow() ? "now" : $"in {HumanText.Duration(at - time.GetUtcNow())}";
}
