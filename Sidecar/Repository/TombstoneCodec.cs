using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A tombstone as an object. Its name stands in its content too, and both must agree.</summary>
internal static class TombstoneCodec
{
    public const int Version = 1;

    /// <summary>Bytes; <see cref="Tombstone.PacksMax"/> names of packs stay below it.</summary>
    public const int LengthMax = 256 << 10;

    public static byte[] ToBytes(Tombstone tombstone, RepositoryId repository) => SealedDocument.Seal(
        new TombstoneDocument(
            Version,
            repository.ToString(),
            tombstone.Name.Source.ToString(),
            tombstone.Name.Tombstone.ToString(),
            UtcMicroseconds.ToDocumentText(tombstone.Name.CreatedAtMicroseconds),
            [.. tombstone.Packs.Select(pack => pack.ToString())],
            SealedDocument.Unsealed),
        DocumentJson.Default.TombstoneDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository or source than its name says.</exception>
    public static Tombstone Parse(byte[] bytes, TombstoneName name, RepositoryId repository, string location)
    {
        var objectName = name.ToString();
        var document = SealedDocument.Open(bytes, Version, DocumentJson.Default.TombstoneDocument, objectName, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(objectName, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        if (document.SourceId != name.Source.ToString()
            || document.TombstoneId != name.Tombstone.ToString()
            || document.CreatedAt != UtcMicroseconds.ToDocumentText(name.CreatedAtMicroseconds))
        {
            throw new DocumentFormatException(objectName, location, $"it is the tombstone {document.TombstoneId} of source {document.SourceId}");
        }

        return new Tombstone(name, [.. document.Packs.Select(PackOf)]);

        PackName PackOf(string text) =>
            text is not null && ObjectName.TryParse(text, out var pack) && PackName.TryParse(pack, out var packName) && packName.Source == name.Source
                ? packName
                : throw new DocumentFormatException(objectName, location, "'packs' names something that is no pack of its source");
    }
}
