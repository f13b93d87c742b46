using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>An announcement as it is stored.</summary>
internal static class LeaseAnnouncementCodec
{
    public const int Version = 1;

    public static byte[] ToBytes(LeaseAnnouncement announcement, RepositoryId repository) => SealedDocument.Seal(
        new AnnouncementDocument(
            Version,
            repository.ToString(),
            announcement.Number,
            [.. announcement.Newest.Select(row => new AnnouncedDocument(row.Key.ToString(), row.Value.Transaction.Value, row.Value.Timeline.ToString()))],
            SealedDocument.Unsealed),
        DocumentJson.Default.AnnouncementDocument);

    /// <exception cref="DocumentFormatException">Damaged, of an unknown version, or of another repository.</exception>
    public static LeaseAnnouncement Parse(byte[] bytes, long lease, RepositoryId repository, string location)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"the announcement of lease {lease}");
        var document = SealedDocument.Open(bytes, Version, DocumentJson.Default.AnnouncementDocument, name, location);
        if (document.RepositoryId != repository.ToString())
        {
            throw new DocumentFormatException(name, location, $"it belongs to repository {document.RepositoryId}, this is {repository}");
        }

        var newest = new Dictionary<SourceId, Position>();
        foreach (var row in document.Sources)
        {
            if (row is null || !SourceId.TryParse(row.SourceId, out var source) || !TimelineId.TryParse(row.Timeline, out var timeline) || timeline.IsNone || row.Transaction == 0)
            {
                throw new DocumentFormatException(name, location, "'sources' holds something that is no position of a source");
            }

            newest[source] = new Position(timeline, new TransactionId(row.Transaction));
        }

        return document.Number > 0 ? new LeaseAnnouncement(document.Number, newest) : throw new DocumentFormatException(name, location, "'number' is not positive");
    }
}
