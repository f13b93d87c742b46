namespace BackupSidecar.Store;

/// <summary>A writer's lease as it stands in a store.</summary>
/// <param name="Number">From 1, without a gap; the highest is the one in force.</param>
/// <param name="Content">What its writer said of himself when he created it; never changes.</param>
internal sealed record StoredLease(long Number, ReadOnlyMemory<byte> Content);
