using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>A position cannot be rebuilt, because no pack leads to one of the positions on its way.</summary>
internal sealed class TimelineGapException(string source, Position wanted, Position missing, Position? older, bool isAcknowledged, string location)
    : OperatorException(
        FailureKind.VerificationFailed,
        wanted == missing
            ? $"Source '{source}' has no position {wanted}: no pack in {location} leads to it."
            : $"Position {wanted} of source '{source}' cannot be rebuilt: no pack in {location} leads to position {missing}, which it builds on.",
        (isAcknowledged ? "It was acknowledged there. Where listings lag, as in Google Drive, try again in a few minutes. " : "") + (older is null
            ? "No earlier position can be rebuilt either. Bring the missing pack back from a copy of the repository; 'verify' shows what else is missing."
            : $"The newest earlier position that can be rebuilt is {older.Value.Transaction}@{older.Value.Timeline}; 'list' shows the others. Or bring the missing pack back from a copy of the repository."))
{
    public Position Wanted => wanted;

    /// <summary>The position that no pack provides.</summary>
    public Position Missing => missing;
}
