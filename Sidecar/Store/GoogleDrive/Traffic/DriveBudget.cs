namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What all calls of one credential may cost together: units in any minute, requests in a day (UTC). Over the units a call waits its turn, over the requests it fails.</summary>
/// <remarks>
/// Google counts units by user and minute; the costs below are the documented ones, and what is not documented is counted like a write. The sum is kept by
/// second over a whole minute and one second more, so that no minute, wherever it begins, holds more than the limit.
/// </remarks>
/// <param name="unitsPerMinute">The limit.</param>
/// <param name="requests">Counted beside the units, with a limit of their own; disposed with this.</param>
/// <param name="time">The clock.</param>
internal sealed class DriveBudget(int unitsPerMinute, DriveRequestCount requests, TimeProvider time) : IDisposable
{
    public const int GetUnits = 5;
    public const int WriteUnits = 50;
    public const int ListUnits = 100;
    public const int DownloadUnits = 200;

    private const int Slots = 61;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly long _start = time.GetTimestamp();
    private readonly int[] _unitsBySecond = new int[Slots];
    private long _second;
    private int _unitsInWindow;
    private int _waiting;

    public int UnitsPerMinute { get; private set; } = unitsPerMinute;

    public int RequestsPerDay => requests.PerDay;

    public int RequestsToday => requests.Used;

    /// <summary>What came of the requests.</summary>
    public DriveTraffic Traffic { get; } = new();

    public int UnitsInLastMinute
    {
        get
        {
            lock (_gate)
            {
                Advance_NeedsLock();
                return _unitsInWindow;
            }
        }
    }

    /// <summary>Calls that wait for units now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public static int UnitsOf(DriveRequestKind kind) => kind switch
    {
        DriveRequestKind.Get => GetUnits,
        DriveRequestKind.List => ListUnits,
        DriveRequestKind.Download => DownloadUnits,
        DriveRequestKind.Write or _ => WriteUnits,
    };

    /// <summary>A second user of the credential may bring lower limits: the lower ones hold.</summary>
    public void Lower(int unitsPerMinute, int requestsPerDay)
    {
        lock (_gate)
        {
            UnitsPerMinute = Math.Min(UnitsPerMinute, unitsPerMinute);
        }

        requests.Lower(requestsPerDay);
    }

    /// <summary>Returns when the units may be spent, in the order of asking.</summary>
    /// <exception cref="DriveCallException">The requests of today are used up.</exception>
    public async ValueTask TakeAsync(int units, int calls, CancellationToken ct)
    {
        requests.Take(calls);
        _ = Interlocked.Increment(ref _waiting);
        try
        {
            await _turn.WaitAsync(ct);
            try
            {
                while (!TryTake(units))
                {
                    await Task.Delay(UntilNextSecond(), time, ct);
                }
            }
            finally
            {
                _ = _turn.Release();
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        requests.Dispose();
    }

    private bool TryTake(int units)
    {
        lock (_gate)
        {
            Advance_NeedsLock();

            // Even the dearest call passes a minute that is empty, whatever the limit says.
            if (_unitsInWindow > 0 && _unitsInWindow + units > UnitsPerMinute)
            {
                return false;
            }

            _unitsBySecond[_second % Slots] += units;
            _unitsInWindow += units;
            return true;
        }
    }

    private void Advance_NeedsLock()
    {
        var now = (long)time.GetElapsedTime(_start).TotalSeconds;
        for (var steps = Math.Min(now - _second, Slots); steps > 0; steps--)
        {
            ref var slot = ref _unitsBySecond[(now - steps + 1) % Slots];
            _unitsInWindow -= slot;
            slot = 0;
        }

        _second = now;
    }

    private TimeSpan UntilNextSecond()
    {
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        return TimeSpan.FromSeconds(Math.Floor(seconds) + 1.001 - seconds);
    }
}
