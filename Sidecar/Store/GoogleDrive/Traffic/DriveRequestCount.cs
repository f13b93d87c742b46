using BackupSidecar.Primitives;

namespace BackupSidecar.Store.GoogleDrive.Traffic;

/// <summary>The requests of a day (UTC) with one credential, and their limit, over restarts.</summary>
/// <remarks>
/// What is written is reserved before it is used, in steps: a request costs no write, and a kill costs the rest of one step, which counts as used when the program is back. An orderly end writes
/// what was used. A count that cannot be read is zero, and is written anew with the next step: so a damaged file lets one day have its limit once more at most, with Google's own limit behind
/// it; the other way a few bad bytes would keep backups away for a day. One that cannot be written goes on in memory, since neither a backup nor a restore may fail for the sake of a count.
/// Both are told. The day is the clock's: a clock that jumps to another day begins a new count.
/// </remarks>
internal sealed class DriveRequestCount : IDisposable
{
    /// <summary>Requests. A program that is killed again and again, a few hundred times a day, is not to use up the day with the steps alone.</summary>
    private const int StepMax = 64;

    private const int StepsPerDayMin = 100;

    private readonly Lock _gate = new();

    /// <summary>Held while the file is written, which may take long on a disk that hangs; never by those who only look.</summary>
    private readonly Lock _writing = new();

    private readonly RequestDayFile? _file;
    private readonly Action<OperatorException> _told;
    private readonly TimeProvider _time;
    private DateOnly _day;
    private int _used;
    private int _reserved;
    private bool _isTold;

    /// <summary>Reads the file, so that nobody waits for it who only looks.</summary>
    /// <param name="perDay">The limit.</param>
    /// <param name="file">Null: only this process is counted.</param>
    /// <param name="told">Hears why the file cannot be used, once until it can be again.</param>
    /// <param name="time">The clock.</param>
    public DriveRequestCount(int perDay, RequestDayFile? file, Action<OperatorException> told, TimeProvider time)
    {
        (PerDay, _file, _told, _time) = (perDay, file, told, time);
        _day = Today();
        if (Read() is { } day && day.Day == _day)
        {
            (_used, _reserved) = (day.Requests, day.Requests);
        }
    }

    public int PerDay { get; private set; }

    /// <summary>Requests of this day, with what a kill has cost.</summary>
    public int Used
    {
        get
        {
            lock (_gate)
            {
                TurnDay_NeedsLock();
                return _used;
            }
        }
    }

    public void Lower(int perDay)
    {
        lock (_gate)
        {
            PerDay = Math.Min(PerDay, perDay);
        }
    }

    /// <summary>Counts requests that are about to be made.</summary>
    /// <exception cref="DriveCallException">The requests of today are used up.</exception>
    public void Take(int requests)
    {
        lock (_writing)
        {
            if (Take_NeedsWriting(requests) is { } reserved)
            {
                Write(reserved);
            }
        }
    }

    /// <summary>Gives back what was reserved and not used.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            RequestDay? unused = null;
            lock (_gate)
            {
                if (_used < _reserved)
                {
                    _reserved = _used;
                    unused = new RequestDay(_day, _used);
                }
            }

            if (unused is not null)
            {
                Write(unused);
            }
        }
    }

    /// <returns>What is to be written before the requests are made; null: they are reserved already.</returns>
    private RequestDay? Take_NeedsWriting(int requests)
    {
        lock (_gate)
        {
            TurnDay_NeedsLock();
            if (_used + requests > PerDay)
            {
                throw new DriveCallException(
                    DriveFaultKind.DailyLimit,
                    FailureKind.Failed,
                    $"The {PerDay} requests to Google Drive that this program may make in a day are used up.",
                    "They begin anew at midnight UTC. Look in the status for what used them; the limit is requestsPerDay of the repository.",
                    retryAfter: null,
                    innerException: null);
            }

            _used += requests;
            if (_file is null || _used <= _reserved)
            {
                return null;
            }

            var step = Math.Clamp(PerDay / StepsPerDayMin, 1, StepMax);
            _reserved = Math.Min(Math.Max(_reserved + step, _used), PerDay);
            return new RequestDay(_day, _reserved);
        }
    }

    private void TurnDay_NeedsLock()
    {
        if (Today() is var today && today != _day)
        {
            (_day, _used, _reserved) = (today, 0, 0);
        }
    }

    private DateOnly Today() => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);

    private RequestDay? Read()
    {
        try
        {
            return _file?.Read();
        }
        catch (OperatorException e)
        {
            _told(e);
            return null;
        }
    }

    private void Write(RequestDay day)
    {
        try
        {
            _file!.Write(day);
            _isTold = false;
        }
        catch (OperatorException e)
        {
            if (!_isTold)
            {
                _isTold = true;
                _told(e);
            }
        }
    }
}
