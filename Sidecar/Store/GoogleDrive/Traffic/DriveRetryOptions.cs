using System.ComponentModel.DataAnnotations;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>How often and how patiently a call is repeated.</summary>
internal sealed record DriveRetryOptions
{
    /// <summary>Repetitions after the first try. With the delays below about three minutes in all; then the failure is the caller's, who in serve tries again at his next turn.</summary>
    [Range(0, 20)]
    public int RetriesMax { get; init; } = 7;

    /// <summary>Before the first repetition; doubled for each further one, with jitter.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two tries, also where Drive asks for more.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a transfer may stand still, or an answer stay out, before the try is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);
}
