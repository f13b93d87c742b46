using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Limits;

/// <summary>What users may spend: units in a minute each, calls of all in a day, uploaded bytes in a day each.</summary>
/// <remarks>Minutes and days are those of the emulator's clock, one beginning where the other ends. A restart starts them anew.</remarks>
internal sealed class UnitBudget(EmulatorOptions options, EmulatorClock clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _unitsByAccount = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _uploadedByAccount = new(StringComparer.Ordinal);
    private DateTimeOffset _minute;
    private DateTimeOffset _day;
    private long _requestsOfDay;

    /// <exception cref="DriveException">403 or 429: over the limit. The refused call costs nothing.</exception>
    public void Take(Call call)
    {
        lock (_lock)
        {
            Turn_NeedsLock();
            if (options.RequestsPerDay > 0 && _requestsOfDay >= options.RequestsPerDay)
            {
                throw LimitErrors.Daily();
            }

            var spent = _unitsByAccount.GetValueOrDefault(call.Caller.Account) + call.Route.Units;
            if (options.UnitsPerMinute > 0 && spent > options.UnitsPerMinute)
            {
                throw LimitErrors.User(options.LimitShape);
            }

            _requestsOfDay++;
            _unitsByAccount[call.Caller.Account] = spent;
            call.Units = call.Route.Units;
        }
    }

    /// <summary>Counts an upload that is about to be stored.</summary>
    /// <exception cref="DriveException">403: more than an account may upload in a day.</exception>
    public void TakeUpload(string account, long bytes)
    {
        lock (_lock)
        {
            Turn_NeedsLock();
            var uploaded = _uploadedByAccount.GetValueOrDefault(account) + bytes;
            if (options.UploadBytesPerDay > 0 && uploaded > options.UploadBytesPerDay)
            {
                throw LimitErrors.User(LimitShape.Forbidden);
            }

            _uploadedByAccount[account] = uploaded;
        }
    }

    private void Turn_NeedsLock()
    {
        var now = clock.GetUtcNow();
        var minute = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        var day = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerDay), TimeSpan.Zero);
        if (minute != _minute)
        {
            _minute = minute;
            _unitsByAccount.Clear();
        }

        if (day != _day)
        {
            _day = day;
            _requestsOfDay = 0;
            _uploadedByAccount.Clear();
        }
    }
}
