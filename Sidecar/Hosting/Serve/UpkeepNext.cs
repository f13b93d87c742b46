namespace BackupSidecar.Hosting.Serve;

/// <summary>When there is something to keep in order again.</summary>
/// <param name="At">If nothing is captured until then; null: never.</param>
/// <param name="AtIfCaptured">If something was captured since. Not before: what came after the last run can only be merged when a span is over that was not over then.</param>
internal readonly record struct UpkeepNext(DateTimeOffset? At, DateTimeOffset AtIfCaptured);
