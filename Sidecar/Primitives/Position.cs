namespace BackupSidecar.Primitives;

/// <summary>A captured commit of a source. <see cref="None"/> is the state before the first capture, from which a full starts.</summary>
internal readonly record struct Position(TimelineId Timeline, TransactionId Transaction)
{
    public static Position None => default;

    public bool IsNone => Timeline.IsNone && Transaction.IsNone;

    public override string ToString() => IsNone ? "none" : $"{Transaction} of timeline {Timeline}";
}
