namespace BackupSidecar.Client;

/// <summary>How long to wait after one failure more: 0.1 s, doubled up to 5 s, each a fifth more or less, so that many instances do not come back together.</summary>
internal sealed class Backoff(Random random)
{
    private const double Jitter = 0.2;

    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var wait = _next * (1 + (Jitter * ((2 * random.NextDouble()) - 1)));
        _next = _next * 2 < Max ? _next * 2 : Max;
        return wait;
    }

    public void Reset() => _next = First;
}
