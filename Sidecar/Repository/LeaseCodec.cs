using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A lease as it is stored.</summary>
internal static class LeaseCodec
{
    public const int Version = 1;

    public static byte[] ToBytes(LeaseHolder holder, RepositoryId repository) => SealedDocument.Seal(
        new LeaseDocument(
            Version, repository.ToString(), holder.Instance, holder.Host, holder.StateId, UtcMicroseconds.ToDocumentText(UtcMicroseconds.From(holder.TakenAt)), SealedDocument.Unsealed),
        DocumentJson.Default.LeaseDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository.</exception>
    public static LeaseHolder Parse(ReadOnlyMemory<byte> bytes, long number, RepositoryId repository, string location)
    {
        var name = $"lease {number}";
        var document = SealedDocument.Open(bytes.ToArray(), Version, DocumentJson.Default.LeaseDocument, name, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(name, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        return UtcMicroseconds.TryParseDocument(document.TakenAt, out var takenAt)
            ? new LeaseHolder(document.Instance, document.Host, document.StateId, UtcMicroseconds.ToTime(takenAt))
            : throw new DocumentFormatException(name, location, "'takenAt' is not a time");
    }
}
