using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>What all calls of one credential may cost together: units in any minute, requests in a day (UTC). Over the units a call waits its turn, over the requests it fails.</summary>
/// <remarks>
/// Google counts units by user and minute; the costs below are the documented ones, and what is not documented is counted like a write. The sum is kept by
/// second over a whole minute and one second more, so that no minute, wherever it begins, holds more than the limit.
/// </remarks>
internal sealed class DriveBudget(int unitsPerMinute, int requestsPerDay, TimeProvider time) : IDisposable
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
    private DateOnly _day;
    private int _requestsToday;

    public int UnitsPerMinute { get; private set; } = unitsPerMinute;

    public int RequestsPerDay { get; private set; } = requestsPerDay;

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

    public int RequestsToday
    {
        get
        {
            lock (_gate)
            {
                TurnDay_NeedsLock();
                return _requestsToday;
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
            RequestsPerDay = Math.Min(RequestsPerDay, requestsPerDay);
        }
    }

    /// <summary>Returns when the units may be spent, in the order of asking.</summary>
    /// <exception cref="DriveCallException">The requests of today are used up.</exception>
    public async ValueTask TakeAsync(int units, int requests, CancellationToken ct)
    {
        CountRequests(requests);
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

    public void Dispose() => _turn.Dispose();

    private void CountRequests(int requests)
    {
        lock (_gate)
        {
            TurnDay_NeedsLock();
            if (_requestsToday + requests > RequestsPerDay)
            {
                throw new DriveCallException(
                    DriveFaultKind.DailyLimit,
                    FailureKind.Failed,
                    $"The {RequestsPerDay} requests to Google Drive that this program may make in a day are used up.",
                    "They begin anew at midnight UTC. Look in the status for what used them; the limit is requestsPerDay of the repository.",
                    retryAfter: null,
                    innerException: null);
            }

            _requestsToday += requests;
        }
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

    private void TurnDay_NeedsLock()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (today != _day)
        {
            (_day, _requestsToday) = (today, 0);
        }
    }

    private TimeSpan UntilNextSecond()
    {
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        return TimeSpan.FromSeconds(Math.Floor(seconds) + 1.001 - seconds);
    }
}
