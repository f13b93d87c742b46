namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>What happens to a call. Members that belong to another kind are refused.</summary>
public sealed record Fault
{
    public required FaultKind Kind { get; init; }

    /// <summary>For a status: the number; for a session that is gone: 404, or 410.</summary>
    public int? Status { get; init; }

    /// <summary>For a status: Drive's word, such as <c>userRateLimitExceeded</c>. Default: one that fits the number.</summary>
    public string? Reason { get; init; }

    /// <summary>For a status.</summary>
    public FaultBody? Body { get; init; }

    /// <summary>For a status: the header Retry-After, in seconds. Default: no header.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>For a status, a cut or a delay. Default: before.</summary>
    public FaultWhen? When { get; init; }

    /// <summary>
    /// For a cut before: how much of the request's body is read; for a truncation: how much of the answer is sent; for a corruption: which byte;
    /// for a short persist: how much is stored, in whole blocks of 256 KiB. Default: 0.
    /// </summary>
    public long? Bytes { get; init; }

    /// <summary>For a truncation: the answer ends as if it were whole. Default: the connection breaks off.</summary>
    public bool? Clean { get; init; }

    /// <summary>For a corruption. Default: the answer.</summary>
    public FaultSide? Side { get; init; }

    /// <summary>For a delay.</summary>
    public int? Milliseconds { get; init; }

    /// <summary>For a bandwidth.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>For a bandwidth: all calls that the rule meets share one line, in each direction. Default: each has its own.</summary>
    public bool? Shared { get; init; }

    /// <summary>Acts beside others on the same call; of the rest, the first decides.</summary>
    internal bool IsShaping => Kind is FaultKind.Delay or FaultKind.Bandwidth or FaultKind.ShortPersist;

    /// <exception cref="ArgumentException">A member is missing, out of range, or belongs to another kind.</exception>
    internal void Validate()
    {
        (string Name, bool IsSet, FaultKind[] Kinds)[] members =
        [
            ("status", Status is not null, [FaultKind.Status, FaultKind.SessionGone]),
            ("reason", Reason is not null, [FaultKind.Status]),
            ("body", Body is not null, [FaultKind.Status]),
            ("retryAfter", RetryAfter is not null, [FaultKind.Status]),
            ("when", When is not null, [FaultKind.Status, FaultKind.Cut, FaultKind.Delay]),
            ("bytes", Bytes is not null, [FaultKind.Cut, FaultKind.Truncate, FaultKind.Corrupt, FaultKind.ShortPersist]),
            ("clean", Clean is not null, [FaultKind.Truncate]),
            ("side", Side is not null, [FaultKind.Corrupt]),
            ("milliseconds", Milliseconds is not null, [FaultKind.Delay]),
            ("shared", Shared is not null, [FaultKind.Bandwidth]),
            ("bytesPerSecond", BytesPerSecond is not null, [FaultKind.Bandwidth]),
        ];
        foreach (var (name, isSet, kinds) in members)
        {
            Require(!isSet || kinds.Contains(Kind), $"A fault of kind {Kind} has no {name}.");
        }

        Require(Kind != FaultKind.Unspecified, $"A fault needs a kind: {string.Join(", ", Enum.GetNames<FaultKind>()[1..])}.");
        Require(Kind != FaultKind.Status || Status is >= 200 and <= 599, "A fault of kind Status needs a status from 200 to 599.");
        Require(Kind != FaultKind.SessionGone || Status is null or 404 or 410, "A session that is gone answers 404 or 410.");
        Require(Kind != FaultKind.Delay || Milliseconds is >= 0, "A fault of kind Delay needs milliseconds of 0 or more.");
        Require(Kind != FaultKind.Bandwidth || BytesPerSecond is > 0, "A fault of kind Bandwidth needs bytesPerSecond of 1 or more.");
        Require(Bytes is null or >= 0, "bytes is 0 or more.");
        Require(Bytes is null || When is not FaultWhen.After, "A cut after the effect has read the whole body.");
        Require(RetryAfter is null or >= 0, "retryAfter is 0 or more.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ArgumentException(otherwise);
        }
    }
}
