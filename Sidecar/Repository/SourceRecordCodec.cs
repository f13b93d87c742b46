using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A source record as an object. The name stands in the object's name and in its content, and both must agree.</summary>
internal static class SourceRecordCodec
{
    private const int VersionWithNumber = 3;
    private const int VersionWithPlace = 2;
    private const int VersionWithoutPlace = 1;

    /// <summary>In the oldest version that says it all, which older programs read.</summary>
    public static byte[] ToBytes(SourceRecord record, RepositoryId repository) => record.NumbersAfter != TransactionId.None
        ? SealedDocument.Seal(
            new NumberedSourceDocument(
                VersionWithNumber, repository.ToString(), record.Id.ToString(), record.Name, record.Place?.Path ?? "", record.Place?.Host ?? "", record.NumbersAfter.Value, SealedDocument.Unsealed),
            DocumentJson.Default.NumberedSourceDocument)
        : record.Place is { } place
        ? SealedDocument.Seal(
            new PlacedSourceDocument(VersionWithPlace, repository.ToString(), record.Id.ToString(), record.Name, place.Path, place.Host, SealedDocument.Unsealed),
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
            ? new SourceRecord(id, name, document.Path.Length == 0 ? null : new SourcePlace(document.Path, document.Host)) { NumbersAfter = new TransactionId(document.NumbersAfter) }
            : throw new DocumentFormatException(objectName, location, "'sourceId' is not an id");
    }

    private static NumberedSourceDocument Open(byte[] bytes, string objectName, string location)
    {
        switch (DocumentReader.VersionOf(bytes))
        {
            case VersionWithoutPlace:
                var first = SealedDocument.Open(bytes, VersionWithoutPlace, DocumentJson.Default.SourceDocument, objectName, location);
                return new NumberedSourceDocument(first.Version, first.RepositoryId, first.SourceId, first.Name, Path: "", Host: "", NumbersAfter: 0, first.Sha256);
            case VersionWithPlace:
                var placed = SealedDocument.Open(bytes, VersionWithPlace, DocumentJson.Default.PlacedSourceDocument, objectName, location);
                return placed.Path.Length > 0
                    ? new NumberedSourceDocument(placed.Version, placed.RepositoryId, placed.SourceId, placed.Name, placed.Path, placed.Host, NumbersAfter: 0, placed.Sha256)
                    : throw new DocumentFormatException(objectName, location, "'path' is empty");
            default:
                return SealedDocument.Open(bytes, VersionWithNumber, DocumentJson.Default.NumberedSourceDocument, objectName, location);
        }
    }
}
