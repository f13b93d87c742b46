using BackupSidecar.Primitives;

namespace BackupSidecar.Verify;

/// <summary>A restore that was made only to prove that it works, and did.</summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Position">What was restored.</param>
/// <param name="DatabaseBytes">Length of the restored database.</param>
/// <param name="EndedAt">When.</param>
/// <param name="Duration">From the plan to the checked file: what a restore at that moment would have taken.</param>
internal sealed record PassedDrill(string Source, Position Position, long DatabaseBytes, DateTimeOffset EndedAt, TimeSpan Duration);
