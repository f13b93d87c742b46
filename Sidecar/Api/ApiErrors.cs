using BackupSidecar.Contracts.V1;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>The only place where a failure becomes a gRPC status: its code, and a reason and a hint in its details; and back, for the command line.</summary>
internal static class ApiErrors
{
    private const string Domain = "backupsidecar";
    private const string HintKey = "hint";

    /// <summary>Details travel in a header, and headers are bounded.</summary>
    private const int TextMax = 1000;

    /// <param name="exception">Any but a cancellation.</param>
    public static RpcException ToRpc(Exception exception)
    {
        var (reason, message, hint) = exception switch
        {
            ApiException e => (e.Reason, e.Message, e.Hint),
            LifecycleException e => (ReasonOf(e.Refusal), e.Message, e.Hint),
            BackupRefusedException e => (ReasonOf(e.Refusal), e.Message, e.Hint),
            OperatorException e => (ReasonOf(e.Kind), e.Message, e.Hint),
            IOException or UnauthorizedAccessException => (ErrorReason.Failed, exception.Message, "Check the path, the free space, the permissions and the mount of its volume."),

            // What it says may be anything: it goes to the log alone.
            _ => (ErrorReason.Bug, "The sidecar made a mistake.", "Please report it with the sidecar's log at level debug."),
        };
        return ToRpc(reason, message, hint);
    }

    /// <summary>The failure that the other side meant; one without details is of the connection or of a stranger.</summary>
    public static OperatorException FromRpc(RpcException exception, string address)
    {
        if (exception.GetRpcStatus()?.GetDetail<ErrorInfo>() is { Domain: Domain } info)
        {
            // A reason of a newer sidecar is Unspecified here; its message and hint are as good.
            var reason = System.Enum.GetValues<ErrorReason>().FirstOrDefault(reason => NameOf(reason) == info.Reason);
            var hint = info.Metadata.TryGetValue(HintKey, out var given) ? given : "";
            return KindOf(reason) is { } kind ? new OperatorException(kind, exception.Status.Detail, hint, exception) : new ApiException(reason, exception.Status.Detail, hint);
        }

        return new OperatorException(
            FailureKind.Failed, $"The sidecar at {address} answered {exception.StatusCode}: {exception.Status.Detail}", "Check the address, and that both programs are of the same version.", exception);
    }

    public static StatusCode CodeOf(ErrorReason reason) => reason switch
    {
        ErrorReason.InvalidArgument or ErrorReason.SourceUnnamed or ErrorReason.BackupAmbiguous => StatusCode.InvalidArgument,
        ErrorReason.SourceNotFound or ErrorReason.RestoreNotFound or ErrorReason.BackupNotFound => StatusCode.NotFound,
        ErrorReason.SourcePaused or ErrorReason.DatabaseMissing or ErrorReason.PositionOnOtherTimeline or ErrorReason.NoRemoteRepository => StatusCode.FailedPrecondition,
        ErrorReason.NoBackupExists or ErrorReason.NoSuchGrant or ErrorReason.ConfirmationTooLate => StatusCode.FailedPrecondition,
        ErrorReason.RestoreUnderWay or ErrorReason.RestoreNotCancellable or ErrorReason.RestoreNotUndoable => StatusCode.FailedPrecondition,
        ErrorReason.BackupPinned or ErrorReason.BackupLastProof or ErrorReason.BackupDeleted or ErrorReason.BackupNotDeleted => StatusCode.FailedPrecondition,
        ErrorReason.RepositoryMissing or ErrorReason.DatabaseInUse or ErrorReason.UnsafeEnvironment => StatusCode.FailedPrecondition,
        ErrorReason.SourceFailing or ErrorReason.Ending or ErrorReason.Locked => StatusCode.Unavailable,
        ErrorReason.PositionNotReached => StatusCode.OutOfRange,
        ErrorReason.NotDurableInTime or ErrorReason.NotPreparedInTime => StatusCode.DeadlineExceeded,
        ErrorReason.NotAllowedHere => StatusCode.PermissionDenied,
        ErrorReason.NotAuthenticated => StatusCode.Unauthenticated,
        ErrorReason.TooManyCalls => StatusCode.ResourceExhausted,
        ErrorReason.VerificationFailed => StatusCode.DataLoss,
        ErrorReason.Failed or ErrorReason.Bug => StatusCode.Internal,
        _ => StatusCode.Unknown,
    };

    /// <summary>As the contract writes it: the value's name without its prefix.</summary>
    public static string NameOf(ErrorReason reason) => string.Concat(reason.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}"));

    private static RpcException ToRpc(ErrorReason reason, string message, string hint)
    {
        var info = new ErrorInfo { Reason = NameOf(reason), Domain = Domain };
        info.Metadata.Add(HintKey, Bound(hint));
        return new Google.Rpc.Status { Code = (int)CodeOf(reason), Message = Bound(message), Details = { Any.Pack(info) } }.ToRpcException();
    }

    private static string Bound(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= TextMax ? line : $"{line.AsSpan(0, TextMax - 1)}…";
    }

    private static ErrorReason ReasonOf(LifecycleRefusal refusal) => refusal switch
    {
        LifecycleRefusal.NoBackupExists => ErrorReason.NoBackupExists,
        LifecycleRefusal.NoSuchGrant => ErrorReason.NoSuchGrant,
        LifecycleRefusal.ConfirmationTooLate => ErrorReason.ConfirmationTooLate,
        LifecycleRefusal.RestoreUnderWay => ErrorReason.RestoreUnderWay,
        LifecycleRefusal.RestoreNotFound => ErrorReason.RestoreNotFound,
        LifecycleRefusal.RestoreNotCancellable => ErrorReason.RestoreNotCancellable,
        LifecycleRefusal.RestoreNotUndoable => ErrorReason.RestoreNotUndoable,
        LifecycleRefusal.Ending => ErrorReason.Ending,
        LifecycleRefusal.Unspecified or _ => ErrorReason.Failed,
    };

    private static ErrorReason ReasonOf(BackupRefusal refusal) => refusal switch
    {
        BackupRefusal.NotFound => ErrorReason.BackupNotFound,
        BackupRefusal.Ambiguous => ErrorReason.BackupAmbiguous,
        BackupRefusal.Pinned => ErrorReason.BackupPinned,
        BackupRefusal.LastProof => ErrorReason.BackupLastProof,
        BackupRefusal.Deleted => ErrorReason.BackupDeleted,
        BackupRefusal.NotDeleted => ErrorReason.BackupNotDeleted,
        BackupRefusal.Unspecified or _ => ErrorReason.Failed,
    };

    private static ErrorReason ReasonOf(FailureKind kind) => kind switch
    {
        FailureKind.RepositoryMissing => ErrorReason.RepositoryMissing,
        FailureKind.Locked => ErrorReason.Locked,
        FailureKind.VerificationFailed => ErrorReason.VerificationFailed,
        FailureKind.DatabaseInUse => ErrorReason.DatabaseInUse,
        FailureKind.UnsafeEnvironment => ErrorReason.UnsafeEnvironment,
        FailureKind.Failed or FailureKind.Partial or FailureKind.Unspecified or _ => ErrorReason.Failed,
    };

    /// <summary>Null for reasons that only a call can have.</summary>
    private static FailureKind? KindOf(ErrorReason reason) => reason switch
    {
        ErrorReason.RepositoryMissing => FailureKind.RepositoryMissing,
        ErrorReason.Locked => FailureKind.Locked,
        ErrorReason.VerificationFailed => FailureKind.VerificationFailed,
        ErrorReason.DatabaseInUse => FailureKind.DatabaseInUse,
        ErrorReason.UnsafeEnvironment => FailureKind.UnsafeEnvironment,
        ErrorReason.Failed or ErrorReason.Bug or ErrorReason.Unspecified => FailureKind.Failed,
        _ => null,
    };
}
