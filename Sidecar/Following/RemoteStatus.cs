using System.Text.Json.Serialization;

namespace BackupSidecar.Following;

/// <summary>One source in one repository beside the local one.</summary>
/// <param name="Name">Of the repository, as it is configured.</param>
/// <param name="Location">Where it is, without secrets.</param>
/// <param name="IntervalSeconds">How often it is fed.</param>
internal sealed record RemoteStatus(string Name, string Location, double IntervalSeconds)
{
    /// <summary>The number of the newest position that is known to be restorable from there; null: none is known yet.</summary>
    public ulong? Position { get; init; }

    public string? Timeline { get; init; }

    /// <summary>When it was last found or made to hold everything that had been captured when that began.</summary>
    public DateTimeOffset? LastSyncAt { get; init; }

    /// <summary>When the oldest capture was seen that is not there; null: everything is.</summary>
    public DateTimeOffset? BehindSince { get; init; }

    /// <summary>How long ago that was. Set when the status is asked for.</summary>
    public double? LagSeconds { get; init; }

    /// <summary>Packs that were put there since serve started.</summary>
    public long Packs { get; init; }

    /// <summary>Of these packs.</summary>
    public long Bytes { get; init; }

    public SourceTrouble? Trouble { get; init; }

    /// <summary>The trouble is that what is stored contradicts itself, as two histories of one name do: no further try will mend it. Told by the protection alone.</summary>
    [JsonIgnore]
    public bool IsRefused { get; init; }

    /// <summary>Null: it is reached without a credential, as a directory is.</summary>
    public RemoteAccount? Account { get; init; }
}
