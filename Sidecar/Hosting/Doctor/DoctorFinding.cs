namespace BackupSidecar.Hosting.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Check">What was looked at, in one or two words.</param>
/// <param name="Subject">The path, or "this host".</param>
/// <param name="Severity">What it means.</param>
/// <param name="Reason">What was found; a whole sentence.</param>
/// <param name="Hint">What to do; null if nothing.</param>
internal sealed record DoctorFinding(string Check, string Subject, Severity Severity, string Reason, string? Hint);
