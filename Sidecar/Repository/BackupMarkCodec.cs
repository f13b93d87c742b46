using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A mark as an object. Its name stands in its content too, and both must agree.</summary>
internal static class BackupMarkCodec
{
    public const int Version = 1;

    /// <summary>Bytes; <see cref="BackupLabel.CountMax"/> labels stay below it, escaped as they may be.</summary>
    public const int LengthMax = 64 << 10;

    public static byte[] ToBytes(BackupMark mark, RepositoryId repository) => SealedDocument.Seal(
        new BackupMarkDocument(Version, repository.ToString(), mark.Name.ToString(), [.. mark.Labels], SealedDocument.Unsealed), DocumentJson.Default.BackupMarkDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository or name.</exception>
    public static BackupMark Parse(byte[] bytes, BackupMarkName name, RepositoryId repository, string location)
    {
        var objectName = name.ToString();
        var document = SealedDocument.Open(bytes, Version, DocumentJson.Default.BackupMarkDocument, objectName, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(objectName, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        if (document.Name != objectName)
        {
            throw new DocumentFormatException(objectName, location, $"it is the mark {document.Name}");
        }

        return document.Labels.Count <= BackupLabel.CountMax && document.Labels.All(label => label is not null && BackupLabel.IsValid(label))
            ? new BackupMark(name, document.Labels)
            : throw new DocumentFormatException(objectName, location, "'labels' holds something that is no label, or too many");
    }
}
