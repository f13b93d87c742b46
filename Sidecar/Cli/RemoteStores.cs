using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Cli;

/// <summary>The stores of repositories beside the local one: one object for each, for as long as the command runs.</summary>
/// <param name="stateDirectory">Where a store keeps what it has to remember, each in a directory of its own; null: only in this command's life.</param>
/// <param name="told">Hears why the requests of a credential are not counted over restarts.</param>
/// <param name="warn">Hears of files with credentials that others may read: once of each.</param>
/// <param name="surroundings">Clock and variables.</param>
internal sealed class RemoteStores(string? stateDirectory, Action<OperatorException> told, Action<string> warn, Surroundings surroundings) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IObjectStore> _stores = new(StringComparer.Ordinal);
    private readonly HashSet<string> _looked = new(StringComparer.Ordinal);
    private readonly DriveAccounts _accounts = new(surroundings.Time, surroundings.Variable) { StateDirectory = stateDirectory is null ? null : Path.Join(stateDirectory, "accounts"), Told = told };
    private string? _scratch;

    /// <summary>They remember nothing when the command has ended.</summary>
    public static RemoteStores OfOneCommand(Action<string> warn, Surroundings surroundings) => new(stateDirectory: null, static _ => { }, warn, surroundings);

    public IObjectStore Of(RemoteOptions remote)
    {
        lock (_gate)
        {
            return _stores.TryGetValue(remote.Name, out var store) ? store : _stores[remote.Name] = Create(remote);
        }
    }

    /// <summary>The credential that a repository is reached with, as it is when it is asked for; null: there is none.</summary>
    public Func<RemoteAccount>? AccountOf(RemoteOptions remote)
    {
        if (remote.Drive is not { } drive)
        {
            return null;
        }

        WarnOfOpenFiles(drive);
        var options = drive.ToStore(StateOf(remote.Name));
        var account = _accounts.Get(options.Credential, options.UnitsPerMinute, options.RequestsPerDay);
        return () => Describe(account.Status);
    }

    /// <summary>Where the store of this name keeps what it remembers.</summary>
    public string StateOf(string name) => Path.Join(stateDirectory is { } state ? Path.Join(state, "remotes") : _scratch ??= Directory.CreateTempSubdirectory("backup-sidecar-").FullName, name);

    public void Dispose()
    {
        foreach (var store in _stores.Values.OfType<IDisposable>())
        {
            store.Dispose();
        }

        _accounts.Dispose();
        if (_scratch is not null)
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    private static RemoteAccount Describe(DriveAccountStatus account) => new(account.Credential)
    {
        Kind = account.Kind,
        TokenExpiresAt = account.ExpiresAt,
        Death = account.Death is { } death ? new CredentialDeath(death.Since, death.Reason, death.Hint) : null,
        Requests = [.. account.Requests.Select(requests => new RequestCount(requests.Kind.ToString().ToLowerInvariant(), requests.Result.ToString().ToLowerInvariant(), requests.Count))],
        RequestsToday = account.RequestsToday,
        RequestsPerDay = account.RequestsPerDay,
        UnitsInLastMinute = account.UnitsInLastMinute,
        UnitsPerMinute = account.UnitsPerMinute,
        Waiting = account.Waiting,
    };

    private IObjectStore Create(RemoteOptions remote)
    {
        if (remote.Drive is not { } drive)
        {
            return new FileSystemStore(remote.Path);
        }

        WarnOfOpenFiles(drive);
        return DriveStore.Open(drive.ToStore(StateOf(remote.Name)), _accounts, surroundings.Time);
    }

    /// <summary>They are used all the same: Kubernetes mounts Secrets with 0644 unless it is told otherwise.</summary>
    private void WarnOfOpenFiles(DriveRemoteOptions drive)
    {
        foreach (var file in (string?[])[drive.CredentialFile, drive.ClientFile])
        {
            if (file is null || !File.Exists(file) || !PrivateFile.IsOpenToOthers(file))
            {
                continue;
            }

            lock (_gate)
            {
                if (!_looked.Add(file))
                {
                    continue;
                }
            }

            warn(
                $"Others than its owner may read or change the credential file {file}: its mode is {Convert.ToString((int)File.GetUnixFileMode(file), 8).PadLeft(4, '0')}. "
                + $"Run 'chmod 600 {file}' (a Secret of Kubernetes: defaultMode 0400), and make a new credential if somebody may have read it.");
        }
    }
}
