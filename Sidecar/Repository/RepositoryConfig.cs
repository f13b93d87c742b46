using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>What makes a directory a repository: <c>repository.json</c>, written once.</summary>
internal sealed record RepositoryConfig(RepositoryId Id, long CreatedAtMicroseconds)
{
    public const int Version = 1;

    public DateTimeOffset CreatedAt => UtcMicroseconds.ToTime(CreatedAtMicroseconds);

    public byte[] ToBytes() => SealedDocument.Seal(
        new ConfigDocument(Version, Id.ToString(), UtcMicroseconds.ToDocumentText(CreatedAtMicroseconds), SealedDocument.Unsealed),
        DocumentJson.Default.ConfigDocument);

    /// <exception cref="DocumentFormatException">Damaged, or of an unknown version.</exception>
    public static RepositoryConfig Parse(byte[] bytes, string location)
    {
        var name = RepositoryLayout.Config.ToString();
        var document = SealedDocument.Open(bytes, Version, DocumentJson.Default.ConfigDocument, name, location);
        if (!RepositoryId.TryParse(document.RepositoryId, out var id) || id.IsNone)
        {
            throw new DocumentFormatException(name, location, "'repositoryId' is not an id");
        }

        return UtcMicroseconds.TryParseDocument(document.CreatedAt, out var createdAt)
            ? new RepositoryConfig(id, createdAt)
            : throw new DocumentFormatException(name, location, "'createdAt' is not a time");
    }
}
