namespace BackupSidecar.Store.GoogleDrive.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What was looked at, in one or two words.</param>
/// <param name="Verdict">What it means.</param>
/// <param name="Reason">What was found; a whole sentence.</param>
/// <param name="Hint">What to do; null if nothing.</param>
internal sealed record DriveFinding(string Check, DriveVerdict Verdict, string Reason, string? Hint);
