using System.Text.Json;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A manifest as readable JSON, version 1. Whoever wrote it, reading gives a sound manifest or <see cref="ManifestFormatException"/>.</summary>
internal static class ManifestCodec
{
    public const int Version = 1;

    /// <summary>Bytes. All strings are bounded far below; a larger object is not a manifest.</summary>
    public const int LengthMax = 1 << 20;

    public const int PathLengthMax = 4096;
    public const int TextLengthMax = 255;

    /// <summary>Writes the manifest and reads it back, so that nothing is published that no reader accepts.</summary>
    public static byte[] ToBytes(BackupManifest manifest, string location)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(DocumentOf(manifest), DocumentJson.Default.ManifestDocument), (byte)'\n'];
        _ = Parse(bytes, $"of backup {manifest.BackupId}", location);
        return bytes;
    }

    public static ManifestName NameOf(BackupManifest manifest, ReadOnlySpan<byte> bytes) => new(
        manifest.Source.Id, manifest.Position, UtcMicroseconds.From(manifest.CreatedAt), manifest.BackupId, Sha256Digest.Of(bytes));

    /// <summary>Reads what was published under a name, and checks that it is that.</summary>
    public static BackupManifest Open(ReadOnlySpan<byte> bytes, ManifestName name, RepositoryId repository, string location)
    {
        var objectName = name.ToString();
        var found = Sha256Digest.Of(bytes);
        if (found != name.Content)
        {
            throw new ManifestFormatException(objectName, location, $"its bytes have SHA-256 {found}, its name says {name.Content}");
        }

        var manifest = Parse(bytes, objectName, location);
        if (manifest.RepositoryId != repository)
        {
            throw new ManifestFormatException(objectName, location, $"'repositoryId' is {manifest.RepositoryId}, this is repository {repository}");
        }

        return NameOf(manifest, bytes) with { Stamp = name.Stamp } == name
            ? manifest
            : throw new ManifestFormatException(objectName, location, "it is the manifest of another backup than its name says");
    }

    public static BackupManifest Parse(ReadOnlySpan<byte> bytes, string objectName, string location)
    {
        ManifestFormatException Error(string reason) => new(objectName, location, reason);

        if (bytes.Length > LengthMax)
        {
            throw Error($"it has {bytes.Length} bytes, a manifest has at most {LengthMax}");
        }

        var fields = new ManifestFields(Error);
        var document = DocumentReader.Read(bytes, Version, DocumentJson.Default.ManifestDocument, Error);
        var sourceId = fields.Source(document.Source.Id, "source.id");
        var position = fields.Position(document.Position, "position");
        return new BackupManifest
        {
            RepositoryId = fields.Repository(document.RepositoryId, "repositoryId"),
            BackupId = fields.Backup(document.BackupId, "backupId"),
            Source = new ManifestSource(
                sourceId,
                fields.SourceName(document.Source.Name, "source.name"),
                fields.Text(document.Source.Path, PathLengthMax, "source.path"),
                fields.Text(document.Source.Host, TextLengthMax, "source.host")),
            Position = position,
            Parent = document.Parent is null ? null : fields.Position(document.Parent, "parent"),
            CreatedAt = fields.Time(document.CreatedAt, "createdAt"),
            Shape = fields.Shape(document.PageSizeBytes, document.PageCount, "pageSizeBytes"),
            Fingerprint = fields.Fingerprint(document.Fingerprint, "fingerprint"),
            Changed = document.Changed,
            Pack = new ManifestPack(
                fields.Pack(document.Pack.Name, sourceId, position, "pack.name"),
                fields.Count(document.Pack.Bytes, "pack.bytes"),
                fields.Digest(document.Pack.TrailerSha256, "pack.trailerSha256")),
            Labels = fields.Labels(document.Labels, "labels"),
            Database = new DatabaseFacts(
                fields.Text(document.Database.JournalMode, TextLengthMax, "database.journalMode"),
                (int)fields.Count(document.Database.SqliteVersionNumber, "database.sqliteVersionNumber"),
                fields.Text(document.Database.Method, TextLengthMax, "database.method")),
            Stats = new BackupStats(
                fields.Count(document.Stats.PagesRead, "stats.pagesRead"),
                fields.Count(document.Stats.PagesStored, "stats.pagesStored"),
                fields.Count(document.Stats.StoredBytes, "stats.storedBytes"),
                fields.Count(document.Stats.DurationMs, "stats.durationMs"),
                fields.Count(document.Stats.ReadTransactionHeldMs, "stats.readTransactionHeldMs")),
            ProgramVersion = fields.Text(document.ProgramVersion, TextLengthMax, "programVersion"),
        };
    }

    private static ManifestDocument DocumentOf(BackupManifest manifest) => new(
        Version,
        manifest.RepositoryId.ToString(),
        manifest.BackupId.ToString(),
        new ManifestSourceDocument(manifest.Source.Id.ToString(), manifest.Source.Name, manifest.Source.Path, manifest.Source.Host),
        DocumentOf(manifest.Position),
        manifest.Parent is { } parent ? DocumentOf(parent) : null,
        UtcMicroseconds.ToDocumentText(UtcMicroseconds.From(manifest.CreatedAt)),
        manifest.Shape.PageSizeBytes,
        manifest.Shape.PageCount,
        manifest.Fingerprint.ToString(),
        manifest.Changed,
        new ManifestPackDocument(manifest.Pack.Name.ToString(), manifest.Pack.Bytes, manifest.Pack.TrailerDigest.ToString()),
        [.. manifest.Labels],
        new DatabaseDocument(manifest.Database.JournalMode, manifest.Database.SqliteVersionNumber, manifest.Database.Method),
        new StatsDocument(
            manifest.Stats.PagesRead,
            manifest.Stats.PagesStored,
            manifest.Stats.StoredBytes,
            manifest.Stats.DurationMs,
            manifest.Stats.ReadTransactionHeldMs),
        manifest.ProgramVersion);

    private static PositionDocument DocumentOf(Position position) => new(position.Transaction.Value, position.Timeline.ToString());
}
