using BackupSidecar.Primitives;

namespace BackupSidecar.Store;

/// <summary>One row of a listing. <see cref="Length"/> is in bytes.</summary>
internal readonly record struct ObjectListing(ObjectName Name, long Length);
