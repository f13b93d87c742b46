using BackupSidecar.Contracts.V1;
using BackupSidecar.Following;
using SourceStatus = BackupSidecar.Following.SourceStatus;

namespace BackupSidecar.Api;

/// <summary>Why a capture that was asked for is not stored.</summary>
internal static class CaptureRefusals
{
    /// <summary>The source as it is after a capture that was asked for and is stored.</summary>
    /// <exception cref="ApiException">It is not.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> came first.</exception>
    public static async Task<SourceStatus> CaptureAsync(IServedSidecar sidecar, string source, CancellationToken ct)
    {
        var outcome = await sidecar.CaptureNowAsync(source, ct);
        var status = sidecar.Status.Sources.FirstOrDefault(candidate => candidate.Name == source);
        return outcome == CaptureRequestOutcome.Stored && status?.Position is not null ? status : throw Refusal(sidecar, outcome, source, status);
    }

    private static ApiException Refusal(IServedSidecar sidecar, CaptureRequestOutcome? outcome, string source, SourceStatus? status) => outcome switch
    {
        CaptureRequestOutcome.Paused => new ApiException(
            ErrorReason.SourcePaused, $"Source '{source}' is paused: {status?.Reason}.", "'backup-sidecar sources resume' ends a pause by an operator; enabled: true in the configuration one by that, which is read again while serve runs."),
        CaptureRequestOutcome.DatabaseMissing => new ApiException(
            ErrorReason.DatabaseMissing, $"There is no database at {status?.Path}.", "Check the path and the mount of source and app: what was committed elsewhere is not stored."),
        CaptureRequestOutcome.Failing => new ApiException(
            ErrorReason.SourceFailing,
            $"Source '{source}' cannot be captured now: {status?.Trouble?.Message ?? "it was interrupted."}",
            status?.Trouble?.Hint ?? "Call again in a moment."),
        CaptureRequestOutcome.Stored when status is not null => new ApiException(
            ErrorReason.SourceFailing, $"Nothing is stored of source '{source}' yet.", "Call again when its first capture is over: 'backup-sidecar status' shows it."),
        CaptureRequestOutcome.Ended when sidecar.IsEnding => CallEnd.Ending(),
        CaptureRequestOutcome.Ended => new ApiException(ErrorReason.SourceFailing, $"Source '{source}' is being followed anew, with a changed configuration.", "Call again in a moment."),
        _ => new ApiException(ErrorReason.SourceNotFound, $"There is no source '{source}' any more.", "The configuration has changed: 'backup-sidecar status' lists the sources."),
    };
}
