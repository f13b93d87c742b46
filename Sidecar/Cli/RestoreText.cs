using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Restore;

namespace BackupSidecar.Cli;

/// <summary>What <c>restore</c> says to people, and its restore point to programs.</summary>
internal static class RestoreText
{
    public static RestorePointLine Describe(RestorePlan plan, TimeProvider time) => new()
    {
        Source = plan.Source.Name,
        BackupId = plan.Point.Backup?.Name.Backup.ToString(),
        Position = plan.Point.Position.Transaction.Value,
        Timeline = plan.Point.Position.Timeline.ToString(),
        Time = plan.Point.Time,
        AgeMs = (long)(time.GetUtcNow() - plan.Point.Time).TotalMilliseconds,
        Packs = plan.Chain.NewestFirst.Count,
        PackBytes = plan.Chain.Bytes,
        FullCapturedAt = plan.Chain.Full.Name.CaptureTime,
        PageSizeBytes = plan.Shape.PageSizeBytes,
        Pages = plan.Shape.PageCount,
        DatabaseBytes = plan.Shape.Bytes,
        Fingerprint = plan.Fingerprint.ToString(),
    };

    public static void WritePlan(TextWriter writer, RestorePlan plan, string target, string fate, TimeProvider time)
    {
        writer.WriteLine($"Would restore source '{plan.Source.Name}' to {target}; nothing was done.");
        WritePoint(writer, plan, time);
        var full = plan.Chain.Full.Name;
        writer.WriteLine($"  packs     {HumanText.Count(plan.Chain.NewestFirst.Count)}, {HumanText.Bytes(plan.Chain.Bytes)}; the oldest is a full of {HumanText.Time(full.CaptureTime, time)}");
        writer.WriteLine($"  target    {fate switch
        {
            "create" => "does not exist, and is created",
            "replace" => $"exists: it is replaced, and the old database is kept as {target}.before-ID",
            "keep" => "exists: with --if-missing nothing would be done",
            _ => "EXISTS: the restore would be refused without --overwrite",
        }}");
    }

    public static void WriteResult(TextWriter writer, RestoreResult result, TimeProvider time)
    {
        if (result.Recovered is { } recovered)
        {
            writer.WriteLine(recovered);
        }

        if (result.Plan is not { } plan)
        {
            writer.WriteLine(result.IsEmptyStart
                ? $"There is no {result.OutputPath}, and nothing is stored of it: its app may begin with an empty database (startEmpty)."
                : $"{result.OutputPath} exists: nothing was done (--if-missing).");
            return;
        }

        writer.WriteLine($"Restored source '{plan.Source.Name}' to {result.OutputPath} in {HumanText.Duration(result.Duration)}.");
        WritePoint(writer, plan, time);
        var checks = result.SqliteChecked ? "; SQLite's integrity_check and foreign_key_check" : "; SQLite's own checks were skipped";
        writer.WriteLine($"  proved    fingerprint {plan.Fingerprint}{checks}");
        writer.WriteLine(result.SafetyCopyPath is { } copy ? $"  old one   kept as {copy}" : "  old one   there was none");
    }

    private static void WritePoint(TextWriter writer, RestorePlan plan, TimeProvider time)
    {
        var backup = plan.Point.Backup is { } entry ? $"backup {HumanText.ShortId(entry.Name.Backup.ToString())}" : "no backup, a position alone";
        writer.WriteLine($"  from      {HumanText.Time(plan.Point.Time, time)} ({HumanText.Age(plan.Point.Time, time)}), {backup}");
        writer.WriteLine($"  position  {plan.Point.Position}");
        writer.WriteLine($"  database  {HumanText.Bytes(plan.Shape.Bytes)}, {HumanText.Count(plan.Shape.PageCount, "page")} of {plan.Shape.PageSizeBytes} bytes");
    }
}
