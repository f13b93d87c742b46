using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli;

/// <summary>What <c>restores</c> says to people.</summary>
internal static class RestoresText
{
    public static string Line(AppRestore restore, TimeProvider time) =>
        $"{HumanText.Time(time.GetUtcNow(), time)}  {restore.State}{(restore.State == "staging" ? $", {HumanText.Bytes(restore.StagedBytes)} of {HumanText.Bytes(restore.DatabaseBytes)}" : "")}{(restore.Reason is { } reason ? $": {reason}" : "")}";

    public static void Write(TextWriter writer, AppRestore restore, TimeProvider time)
    {
        writer.WriteLine($"Restore {restore.RestoreId} of source '{restore.Source}' is {restore.State}{(restore.Reason is { } reason ? $": {reason.TrimEnd('.')}" : "")}.");
        writer.WriteLine($"  from      {(restore.Time is { } at ? $"{HumanText.Time(at, time)} ({HumanText.Age(at, time)}), " : "")}{(restore.BackupId is { } backup ? $"backup {HumanText.ShortId(backup)}" : "no backup, a position alone")}");
        writer.WriteLine($"  position  {restore.Position} of timeline {restore.Timeline}");
        writer.WriteLine($"  database  {restore.Path}, {HumanText.Bytes(restore.DatabaseBytes)}");
        if (restore.SafetyCopy is { } copy)
        {
            writer.WriteLine($"  kept      {copy}");
        }

        if (restore.ReplacedPosition is { } replaced)
        {
            writer.WriteLine($"  replaced  position {replaced} of timeline {restore.ReplacedTimeline}, which can be restored");
        }

        if (NextStep(restore, time) is { } step)
        {
            writer.WriteLine($"  next      {step}");
        }
    }

    public static void WritePlan(TextWriter writer, RestorePlanSummary plan, TimeProvider time)
    {
        writer.WriteLine($"Would restore source '{plan.Source}' to {plan.Path}; nothing was done.");
        writer.WriteLine($"  from      {(plan.Time is { } at ? $"{HumanText.Time(at, time)} ({HumanText.Age(at, time)}), " : "")}{(plan.BackupId is { } backup ? $"backup {HumanText.ShortId(backup)}" : "no backup, a position alone")}");
        writer.WriteLine($"  position  {plan.Position} of timeline {plan.Timeline}");
        writer.WriteLine($"  packs     {HumanText.Count(plan.Packs)}, {HumanText.Bytes(plan.PackBytes)}");
        writer.WriteLine($"  database  {HumanText.Bytes(plan.DatabaseBytes)}, which must be free beside the one in use");
        writer.WriteLine(plan.NewestPosition is { } newest
            ? $"  leaves    {HumanText.Count(plan.NewerPoints, "newer position")} over {HumanText.Duration(TimeSpan.FromSeconds(plan.NewerSeconds ?? 0))} behind, up to {newest} of timeline {plan.NewestTimeline}; they stay in the repository, and the old database is kept beside the new one"
            : "  leaves    nothing behind that its repository holds");
        writer.WriteLine("  the app   is asked to start again; its database is locked for the moment of the exchange alone");
    }

    public static void WritePoints(TextWriter writer, IReadOnlyList<PointLine> points, string? nextPageToken, TimeProvider time)
    {
        foreach (var point in points)
        {
            writer.WriteLine($"{HumanText.Time(point.Time, time)}  position {point.Position} of timeline {point.Timeline}{(point.BackupId is { } backup ? $", backup {HumanText.ShortId(backup)}" : "")}");
        }

        writer.WriteLine(points.Count == 0 ? "There is no restore point." : nextPageToken is null ? "No more." : $"More: --page {nextPageToken}");
    }

    private static string? NextStep(AppRestore restore, TimeProvider time) => restore.State switch
    {
        "staged" => $"it is put in place when every instance of the app has ended and one starts again{(restore.RestartBy is { } by ? $"; they are asked to until {HumanText.Time(by, time)}" : "")}",
        "unconfirmed" => $"the app must confirm it until {(restore.ConfirmBy is { } by ? HumanText.Time(by, time) : "its deadline")}, or the database from before comes back",
        "rollback pending" => "the database from before comes back when every instance of the app has ended and one starts again",
        _ => null,
    };
}
