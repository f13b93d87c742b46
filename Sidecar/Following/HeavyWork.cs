namespace BackupSidecar.Following;

/// <summary>Turns for reading a whole database, so that the process leaves a core to the others, and a huge database does not keep small ones waiting.</summary>
/// <remarks>
/// A database waits only for those of its own size: up to 256 MB, up to 8 GB, and above. The small ones take as many turns at the same time as are given, the others one
/// each: so at most two readings more go on than without the large ones, and who waits longest waits for work like its own.
/// </remarks>
internal sealed class HeavyWork(int smallTurns) : IDisposable
{
    private const long SmallBytesMax = 256L << 20;
    private const long MediumBytesMax = 8L << 30;

    private readonly SemaphoreSlim _small = new(smallTurns);
    private readonly SemaphoreSlim _medium = new(1);
    private readonly SemaphoreSlim _huge = new(1);

    /// <summary>Waits for a turn.</summary>
    /// <param name="databaseBytes">Length of the database.</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>To be disposed when the turn is over.</returns>
    public async ValueTask<Turn> EnterAsync(long databaseBytes, CancellationToken ct)
    {
        var lane = databaseBytes <= SmallBytesMax ? _small : databaseBytes <= MediumBytesMax ? _medium : _huge;
        await lane.WaitAsync(ct);
        return new Turn(lane);
    }

    public void Dispose()
    {
        _small.Dispose();
        _medium.Dispose();
        _huge.Dispose();
    }

    /// <summary>Ends when it is disposed, once.</summary>
    internal sealed class Turn(SemaphoreSlim lane) : IDisposable
    {
        public void Dispose() => lane.Release();
    }
}
