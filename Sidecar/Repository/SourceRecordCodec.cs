using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A source record as an object. The name stands in the object's name and in its content, and both must agree.</summary>
internal static class SourceRecordCodec
{
    public const int Version = 2;

    private const int VersionWithoutPlace = 1;

    public static byte[] ToBytes(SourceRecord record, RepositoryId repository) => record.Place is { } place
        ? SealedDocument.Seal(
            new PlacedSourceDocument(Version, repository.ToString(), record.Id.ToString(), record.Name, place.Path, place.Host, SealedDocument.Unsealed),
            DocumentJson.Default.PlacedSourceDocument)
        : SealedDocument.Seal(
            new SourceDocument(VersionWithoutPlace, repository.ToString(), record.Id.ToString(), record.Name, SealedDocument.Unsealed),
            DocumentJson.Default.SourceDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository or source.</exception>
    public static SourceRecord Parse(byte[] bytes, string name, RepositoryId repository, string location)
    {
        var objectName = RepositoryLayout.RecordOf(name).ToString();
        var document = Open(bytes, objectName, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(objectName, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        if (document.Name != name)
        {
            throw new DocumentFormatException(objectName, location, $"it is the record of source '{document.Name}'");
        }

        return SourceId.TryParse(document.SourceId, out var id) && !id.IsNone
            ? new SourceRecord(id, name, document.Path.Length == 0 ? null : new SourcePlace(document.Path, document.Host))
            : throw new DocumentFormatException(objectName, location, "'sourceId' is not an id");
    }

    private static PlacedSourceDocument Open(byte[] bytes, string objectName, string location)
    {
        if (DocumentReader.VersionOf(bytes) != VersionWithoutPlace)
        {
            var placed = SealedDocument.Open(bytes, Version, DocumentJson.Default.PlacedSourceDocument, objectName, location);
            return placed.Path.Length > 0 ? placed : throw new DocumentFormatException(objectName, location, "'path' is empty");
        }

        var first = SealedDocument.Open(bytes, VersionWithoutPlace, DocumentJson.Default.SourceDocument, objectName, location);
        return new PlacedSourceDocument(first.Version, first.RepositoryId, first.SourceId, first.Name, Path: "", Host: "", first.Sha256);
    }
}
