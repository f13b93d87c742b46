using BackupSidecar.Primitives;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The credentials in use in this process: equal ones are one, so that all who use it share its budget.</summary>
/// <param name="time">For budgets and expiry.</param>
/// <param name="variable">Of the environment; null where it is not set.</param>
internal sealed class DriveAccounts(TimeProvider time, Func<string, string?> variable) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DriveCredentialOptions, DriveAccount> _accounts = [];

    /// <summary>Where the requests of a day are counted over restarts, a file for each credential; null: only for as long as this lives.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Hears why requests are not counted as they should be; they go on.</summary>
    public Action<OperatorException> Told { get; init; } = static _ => { };

    public IReadOnlyList<DriveAccountStatus> Statuses
    {
        get
        {
            lock (_gate)
            {
                return [.. _accounts.Values.Select(account => account.Status)];
            }
        }
    }

    /// <summary>Does not read the credential yet: one that is missing shows at the first call.</summary>
    public DriveAccount Get(DriveCredentialOptions options, int unitsPerMinute, int requestsPerDay)
    {
        lock (_gate)
        {
            if (_accounts.TryGetValue(options, out var account))
            {
                account.Budget.Lower(unitsPerMinute, requestsPerDay);
                return account;
            }

            var file = StateDirectory is { } directory ? new RequestDayFile(Path.Join(directory, $"{options.Key}.requests")) : null;
            var budget = new DriveBudget(unitsPerMinute, new DriveRequestCount(requestsPerDay, file, Told, time), time);
            return _accounts[options] = new DriveAccount(options, budget, new CredentialReader(time, variable), time);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var account in _accounts.Values)
            {
                account.Dispose();
            }
        }
    }
}
