using System.Globalization;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Api;

/// <summary>The last backup of a page, from which the next one goes on whatever was made or deleted meanwhile.</summary>
internal readonly record struct BackupPage(long CreatedAtMicroseconds, string Backup)
{
    public static BackupPage Of(ManifestName name) => new(name.CreatedAtMicroseconds, name.Backup.ToString());

    /// <returns>Null: the first page.</returns>
    /// <exception cref="ApiException">It is no token.</exception>
    public static BackupPage? Parse(string token)
    {
        if (token.Length == 0)
        {
            return null;
        }

        return token.Split('.') is [var time, var backup] && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && backup.Length <= 32
            ? new BackupPage(microseconds, backup)
            : throw new ApiException(ErrorReason.InvalidArgument, $"The page_token '{RequestFields.Shown(token)}' is none.", "Give the next_page_token of the page before, or nothing for the first page.");
    }

    /// <summary>True if the backup comes on a later page: they go from new to old.</summary>
    public bool IsBefore(ManifestName name) => name.CreatedAtMicroseconds.CompareTo(CreatedAtMicroseconds) is var order && (order < 0 || (order == 0 && string.CompareOrdinal(name.Backup.ToString(), Backup) < 0));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAtMicroseconds}.{Backup}");
}
