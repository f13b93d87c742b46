namespace BackupSidecar.Verify;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Object">The object, or the source, that it is about.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Hint">What to do.</param>
/// <param name="Kind">What that says of the backups.</param>
internal sealed record VerifyFinding(string Object, string Problem, string Hint, VerifyFindingKind Kind);
