using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A source record as an object. The name stands in the object's name and in its content, and both must agree.</summary>
internal static class SourceRecordCodec
{
    public const int Version = 1;

    public static byte[] ToBytes(SourceRecord record, RepositoryId repository) => SealedDocument.Seal(
        new SourceDocument(Version, repository.ToString(), record.Id.ToString(), record.Name, SealedDocument.Unsealed),
        DocumentJson.Default.SourceDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository or source.</exception>
    public static SourceRecord Parse(byte[] bytes, string name, RepositoryId repository, string location)
    {
        var objectName = RepositoryLayout.RecordOf(name).ToString();
        var document = SealedDocument.Open(bytes, Version, DocumentJson.Default.SourceDocument, objectName, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(objectName, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        if (document.Name != name)
        {
            throw new DocumentFormatException(objectName, location, $"it is the record of source '{document.Name}'");
        }

        return SourceId.TryParse(document.SourceId, out var id) && !id.IsNone
            ? new SourceRecord(id, name)
            : throw new DocumentFormatException(objectName, location, "'sourceId' is not an id");
    }
}
