namespace BackupSidecar.Lifecycle;

/// <summary>A database that this process has closed: no handle of ours is open on it until <see cref="Dispose"/>.</summary>
/// <param name="isCaptured">Everything that was committed before is stored, unless somebody commits during the hold.</param>
/// <param name="position">The number of the newest position; null: none is stored.</param>
/// <param name="timeline">Of it.</param>
/// <param name="release">Lets capture go on.</param>
internal sealed class DatabaseHold(bool isCaptured, ulong? position, string? timeline, Action release) : IDisposable
{
    public bool IsCaptured { get; } = isCaptured;

    public ulong? Position { get; } = position;

    public string? Timeline { get; } = timeline;

    public void Dispose() => release();
}
