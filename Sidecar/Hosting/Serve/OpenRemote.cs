using BackupSidecar.Repository;

namespace BackupSidecar.Hosting.Serve;

/// <summary>A repository beside the local one, open for writing.</summary>
/// <param name="Repository">It holds the lock of its store.</param>
/// <param name="Lease">The right to write, over machines.</param>
internal sealed record OpenRemote(BackupRepository Repository, WriterLease? Lease);
