namespace BackupSidecar.Lifecycle;

/// <summary>A database that this process has closed: no handle of ours is open on it until <see cref="Dispose"/>.</summary>
/// <param name="isStored">What was committed when the hold was asked for is stored.</param>
/// <param name="isCaptured">And nobody can have committed since.</param>
/// <param name="position">The number of the newest position; null: none is stored.</param>
/// <param name="timeline">Of it.</param>
/// <param name="release">Lets capture go on.</param>
internal sealed class DatabaseHold(bool isStored, bool isCaptured, ulong? position, string? timeline, Action release) : IDisposable
{
    public bool IsStored { get; } = isStored;

    public bool IsCaptured { get; } = isCaptured;

    public ulong? Position { get; } = position;

    public string? Timeline { get; } = timeline;

    public void Dispose() => release();
}
