using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Store.GoogleDrive.Credentials;

/// <summary>The credentials in use in this process: equal ones are one, so that all who use it share its budget.</summary>
/// <param name="time">For budgets and expiry.</param>
/// <param name="variable">Of the environment; null where it is not set.</param>
internal sealed class DriveAccounts(TimeProvider time, Func<string, string?> variable) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DriveCredentialOptions, DriveAccount> _accounts = [];

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

    /// <summary>Reads nothing yet: a credential that is missing shows at the first call.</summary>
    public DriveAccount Get(DriveCredentialOptions options, int unitsPerMinute, int requestsPerDay)
    {
        lock (_gate)
        {
            if (_accounts.TryGetValue(options, out var account))
            {
                account.Budget.Lower(unitsPerMinute, requestsPerDay);
                return account;
            }

            return _accounts[options] = new DriveAccount(options, new DriveBudget(unitsPerMinute, requestsPerDay, time), new CredentialReader(time, variable), time);
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
