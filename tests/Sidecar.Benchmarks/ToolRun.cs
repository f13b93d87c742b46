namespace BackupSidecar.Benchmarks;

/// <summary>One finished run of a program.</summary>
/// <param name="PeakAnonymousBytes">The largest RssAnon that was seen, or 0 if nobody looked.</param>
internal sealed record ToolRun(TimeSpan Duration, string Output, long PeakAnonymousBytes);
