using BackupSidecar.Primitives;

namespace BackupSidecar.Pack;

/// <summary>What came out of writing a pack.</summary>
/// <param name="Length">Bytes of the whole pack.</param>
/// <param name="PageCount">Pages in it.</param>
/// <param name="Digest">The SHA-256 that its trailer ends with.</param>
internal sealed record PackSummary(long Length, uint PageCount, uint BlockCount, Sha256Digest Digest);
