using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A pack as its manifest vouches for it: name, length, and the digest that its trailer ends with.</summary>
internal sealed record ManifestPack(PackName Name, long Bytes, Sha256Digest TrailerDigest);
