using System.Text.Json.Serialization;

namespace BackupSidecar.Repository;

/// <summary>The only field that a reader of any version understands.</summary>
internal sealed record VersionDocument(int Version);

/// <summary><c>repository.json</c> as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record ConfigDocument(int Version, string RepositoryId, string CreatedAt, string Sha256);

/// <summary><c>sources/NAME.json</c> as it was written in version 1; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record SourceDocument(int Version, string RepositoryId, string SourceId, string Name, string Sha256);

/// <summary><c>sources/NAME.json</c> as it is written, version 2: with the database that took the name.</summary>
internal sealed record PlacedSourceDocument(int Version, string RepositoryId, string SourceId, string Name, string Path, string Host, string Sha256);

/// <summary><c>sources/NAME.json</c> as it is written, version 3: with the last position that other repositories knew before.</summary>
internal sealed record NumberedSourceDocument(int Version, string RepositoryId, string SourceId, string Name, string Path, string Host, ulong NumbersAfter, string Sha256);

/// <summary>A writer's lease as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record LeaseDocument(int Version, string RepositoryId, string Instance, string Host, string StateId, string TakenAt, string Sha256);

/// <summary>What a writer says under its lease, as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record AnnouncementDocument(int Version, string RepositoryId, long Number, List<AnnouncedDocument> Sources, string Sha256);

internal sealed record AnnouncedDocument(string SourceId, ulong Transaction, string Timeline);

/// <summary>A fence as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record FenceDocument(int Version, string RepositoryId, long Lease, long Announcement, string Sha256);

/// <summary>A tombstone as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record TombstoneDocument(int Version, string RepositoryId, string SourceId, string TombstoneId, string CreatedAt, List<string> Packs, string Sha256);

/// <summary>A mark on a backup as it is written; the digest comes last (<see cref="SealedDocument"/>).</summary>
internal sealed record BackupMarkDocument(int Version, string RepositoryId, string Name, List<string> Labels, string Sha256);

/// <summary>A manifest as it is written; <see cref="ManifestCodec"/> gives the fields their types and bounds.</summary>
internal sealed record ManifestDocument(
    int Version,
    string RepositoryId,
    string BackupId,
    ManifestSourceDocument Source,
    PositionDocument Position,
    PositionDocument? Parent,
    string CreatedAt,
    int PageSizeBytes,
    uint PageCount,
    string Fingerprint,
    bool Changed,
    ManifestPackDocument Pack,
    List<string> Labels,
    DatabaseDocument Database,
    StatsDocument Stats,
    string ProgramVersion);

internal sealed record ManifestSourceDocument(string Id, string Name, string Path, string Host);

internal sealed record PositionDocument(ulong Transaction, string Timeline);

internal sealed record ManifestPackDocument(string Name, long Bytes, string TrailerSha256);

internal sealed record DatabaseDocument(string JournalMode, int SqliteVersionNumber, string Method);

internal sealed record StatsDocument(long PagesRead, long PagesStored, long StoredBytes, long DurationMs, long ReadTransactionHeldMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(SourceDocument))]
[JsonSerializable(typeof(PlacedSourceDocument))]
[JsonSerializable(typeof(NumberedSourceDocument))]
[JsonSerializable(typeof(LeaseDocument))]
[JsonSerializable(typeof(AnnouncementDocument))]
[JsonSerializable(typeof(FenceDocument))]
[JsonSerializable(typeof(ManifestDocument))]
[JsonSerializable(typeof(TombstoneDocument))]
[JsonSerializable(typeof(BackupMarkDocument))]
internal sealed partial class DocumentJson : JsonSerializerContext;

/// <summary>Reads the version of a document whatever else it holds.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(VersionDocument))]
internal sealed partial class AnyVersionJson : JsonSerializerContext;
