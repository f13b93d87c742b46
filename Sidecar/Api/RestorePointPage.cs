using System.Globalization;
using BackupSidecar.Contracts.V1;
using RestorePoint = BackupSidecar.Repository.RestorePoint;

namespace BackupSidecar.Api;

/// <summary>The last point of a page, from which the next one goes on whatever was captured or compacted meanwhile.</summary>
internal readonly record struct RestorePointPage(ulong Transaction, ulong Timeline, long Time, string Backup)
{
    public static RestorePointPage Of(RestorePoint point) =>
        new(point.Position.Transaction.Value, point.Position.Timeline.Value, point.Time.UtcTicks, point.Backup?.Name.Backup.ToString() ?? "");

    /// <returns>Null: the first page.</returns>
    /// <exception cref="ApiException">It is no token.</exception>
    public static RestorePointPage? Parse(string token)
    {
        if (token.Length == 0)
        {
            return null;
        }

        return token.Split('.') is [var transaction, var timeline, var time, var backup]
            && ulong.TryParse(transaction, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && ulong.TryParse(timeline, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var line)
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                ? new RestorePointPage(number, line, ticks, backup)
                : throw new ApiException(ErrorReason.InvalidArgument, $"The page_token '{RequestFields.Shown(token)}' is none.", "Give the next_page_token of the page before, or nothing for the first page.");
    }

    /// <summary>True if the point comes on a later page: they go from new to old.</summary>
    public bool IsBefore(RestorePoint point)
    {
        var other = Of(point);
        return (other.Transaction, other.Timeline, other.Time).CompareTo((Transaction, Timeline, Time)) is var order && (order < 0 || (order == 0 && string.CompareOrdinal(other.Backup, Backup) < 0));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Transaction}.{Timeline:x}.{Time}.{Backup}");
}
