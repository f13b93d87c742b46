using System.Text.Json.Serialization;

namespace BackupSidecar.Ledger;

/// <summary>How runs of one kind have ended.</summary>
/// <param name="Succeeded">How many did.</param>
/// <param name="Failed">How many did not.</param>
/// <param name="SucceededMilliseconds">How long those took that did, together.</param>
/// <param name="LastSuccessAt">When the last one did; null: none has.</param>
/// <param name="LastFailureAt">When the last one did not; null: none has failed.</param>
internal sealed record RunTotals(long Succeeded, long Failed, long SucceededMilliseconds, DateTimeOffset? LastSuccessAt, DateTimeOffset? LastFailureAt)
{
    public static RunTotals None { get; } = new(0, 0, 0, null, null);

    /// <summary>Null: none has succeeded.</summary>
    [JsonIgnore]
    public TimeSpan? Average => Succeeded == 0 ? null : TimeSpan.FromMilliseconds((double)SucceededMilliseconds / Succeeded);

    /// <summary>0 to 1; null: there was none.</summary>
    [JsonIgnore]
    public double? SuccessRate => Succeeded + Failed == 0 ? null : (double)Succeeded / (Succeeded + Failed);

    public RunTotals With(bool isSuccess, TimeSpan duration, DateTimeOffset at) => isSuccess
        ? this with { Succeeded = Succeeded + 1, SucceededMilliseconds = SucceededMilliseconds + (long)duration.TotalMilliseconds, LastSuccessAt = at }
        : this with { Failed = Failed + 1, LastFailureAt = at };
}
