using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Positions in object names: transaction, dash, timeline.</summary>
internal static class PositionText
{
    public static string Of(Position position) => $"{position.Transaction.ToNameText()}-{position.Timeline}";

    public static bool TryParse(ReadOnlySpan<char> transaction, ReadOnlySpan<char> timeline, out Position position)
    {
        position = Position.None;
        if (!TransactionId.TryParse(transaction, out var transactionId) || !TimelineId.TryParse(timeline, out var timelineId))
        {
            return false;
        }

        position = new Position(timelineId, transactionId);
        return true;
    }
}
