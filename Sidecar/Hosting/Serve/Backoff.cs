namespace BackupSidecar.Hosting.Serve;

/// <summary>How long to wait after one failure more: 1 s, doubled up to 60 s, each a fifth more or less, so that many sources do not come back together.</summary>
internal sealed class Backoff(Random random)
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var wait = _next * (1 + (Jitter * ((2 * random.NextDouble()) - 1)));
        _next = _next * 2 < Max ? _next * 2 : Max;
        return wait < Max ? wait : Max;
    }

    public void Reset() => _next = First;
}
