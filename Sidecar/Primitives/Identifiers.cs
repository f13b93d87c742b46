global using BackupId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.BackupKind>;
global using PackId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.PackKind>;
global using RepositoryId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.RepositoryKind>;
global using SourceId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.SourceKind>;
global using TombstoneId = BackupSidecar.Primitives.Id128<BackupSidecar.Primitives.TombstoneKind>;

namespace BackupSidecar.Primitives;

/// <summary>Marks a <see cref="Id128{TKind}"/> that names a backup.</summary>
internal readonly struct BackupKind;

/// <summary>Marks a <see cref="Id128{TKind}"/> that names a pack: random, but for one that is merged for a remote repository, whose id comes from what it is made of.</summary>
internal readonly struct PackKind;

/// <summary>Marks a <see cref="Id128{TKind}"/> that names a repository.</summary>
internal readonly struct RepositoryKind;

/// <summary>Marks a <see cref="Id128{TKind}"/> that names a source.</summary>
internal readonly struct SourceKind;

/// <summary>Marks a <see cref="Id128{TKind}"/> that names a tombstone.</summary>
internal readonly struct TombstoneKind;
