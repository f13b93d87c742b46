namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>Cancels a transfer that has stood still for too long, and one whose caller has given up. Its length does not matter as long as something moves.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _patience;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public StallWatch(TimeSpan patience, TimeProvider time, CancellationToken caller)
    {
        _patience = patience;
        _caller = caller;
        _source = new CancellationTokenSource(patience, time);
        _registration = caller.Register(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>It stood still, and nobody asked to stop.</summary>
    public bool HasStalled => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Ping()
    {
        if (!_source.IsCancellationRequested)
        {
            _source.CancelAfter(_patience);
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
