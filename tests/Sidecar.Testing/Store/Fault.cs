using BackupSidecar.Primitives;
using BackupSidecar.Store;

namespace BackupSidecar.Testing.Store;

/// <summary>What happens at which store call.</summary>
/// <param name="Call">The number of the call, from 1. See <see cref="FaultyStore"/> for what counts.</param>
/// <param name="Moment">Before, in or after the call's effect.</param>
/// <param name="Exception">Makes what the caller gets; null: the process is killed.</param>
/// <param name="Span">Which later calls fail in the same way, before their effect.</param>
internal sealed record Fault(int Call, FaultMoment Moment, Func<string, Exception>? Exception, FaultSpan Span)
{
    public bool IsKill => Exception is null;

    public static Fault Kill(int call, FaultMoment moment) => new(call, moment, Exception: null, FaultSpan.Everything);

    public static Fault Throw(int call, FaultMoment moment, Exception exception) => new(call, moment, _ => exception, FaultSpan.Once);

    /// <summary>The file system is full from this call on; a write that it strikes is cut in half.</summary>
    public static Fault NoSpace(int call) => new(
        call,
        FaultMoment.Midway,
        what => new StoreException(FailureKind.Failed, $"Cannot {what}: no space left.", "Free space."),
        FaultSpan.Everything);

    public static Fault InputOutputError(int call, FaultMoment moment) => new(
        call,
        moment,
        what => new StoreException(FailureKind.Failed, $"Cannot {what}: an input/output error.", "See the kernel's log."),
        FaultSpan.Once);

    public static Fault PermissionLost(int call) => new(
        call,
        FaultMoment.Before,
        what => new StoreException(FailureKind.Failed, $"Cannot {what}: permission denied.", "Give access."),
        FaultSpan.Everything);

    /// <summary>An object that was there is gone when it is opened, and stays so.</summary>
    public static Fault Vanish(int call) => new(
        call,
        FaultMoment.Before,
        what => what.StartsWith("open ", StringComparison.Ordinal)
            ? new ObjectMissingException(ObjectName.Parse(what["open ".Length..]), "the faulty store")
            : new StoreException(FailureKind.Failed, $"Cannot {what}: it does not exist.", "See who removed it."),
        FaultSpan.SameObject);
}
