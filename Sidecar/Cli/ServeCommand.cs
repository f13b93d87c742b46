using System.CommandLine;
using System.Reflection;
using BackupSidecar.Backup;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Hosting;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Logging;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Hosting.Service;
using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Store;
using BackupSidecar.Sync;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Cli;

/// <summary><c>serve</c>: follows databases until a signal ends it.</summary>
internal static class ServeCommand
{
    /// <summary>How long a repository beside the local one may be away and still hear of a deletion when it is back.</summary>
    private static readonly TimeSpan DeletionsTold = TimeSpan.FromDays(90);

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static Command Create(CommandExecution execution)
    {
        var options = new ServeOptions();
        var command = new Command("serve", "Follow databases: every commit is restorable moments later. SIGTERM ends it after a final capture; SIGHUP reads the configuration again.");
        options.AddTo(command);
        command.SetAction((parsed, _) =>
        {
            // A signal may come before there is a host to be told.
            ServeHost? host = null;
            return execution.RunAsync(
                parsed, json: null, mayAbandon: false, (output, stop) => RunAsync(options.SourcesOf(parsed, execution.Surroundings), output, execution.Surroundings, started => Volatile.Write(ref host, started), stop),
                onHangUp: () => Volatile.Read(ref host)?.RequestReload());
        });
        return command;
    }

    private static async ValueTask<int> RunAsync(ConfigurationSources configuration, ICommandOutput output, Surroundings surroundings, Action<ServeHost> started, CancellationToken stop)
    {
        if (ServeOptions.TryLoad(configuration, output) is not { } loaded)
        {
            return ExitCode.Failed;
        }

        var options = loaded.Options;
        var state = Path.GetFullPath(RepositoryLocation.StateDirectory(options.StatePath, surroundings.Variable));
        EnsureUsable(state, options.Sources);
        var service = ServiceSettings.Of(state, options.Service);
        ProcessPriority.Lower();
        var openFilesMax = OpenFileLimit.Raise();

        // Only what is sure to be used is created: a second serve of this state makes no repository.
        _ = Directory.CreateDirectory(state, OwnerOnly);
        await StateOwnership.Take(state).DisposeAsync();
        await using var repository = await RepositoryLocation.OpenForWritingAsync(options.RepositoryPath, "serve", surroundings.Time, stop);
        var workers = Math.Max(1, Environment.ProcessorCount - 1);
        var log = new LineLogger(surroundings.Error, options.Log, surroundings.Time);
        var random = new Random();
        using var heavyWork = new HeavyWork(workers);
        using var watch = new FileWatch();
        using var stores = new RemoteStores(state, problem => HostingLog.RecordUnusable(log, problem.Message, problem.Hint), problem => HostingLog.CredentialOpen(log, problem), surroundings);
        var remotes = options.Remotes.Select(remote => FeedOf(remote, options, state, openFilesMax, stores, surroundings.Time)).ToList();
        var damage = new DamageBoard();
        var around = new FollowerSurroundings(repository, state, heavyWork, log, watch, random, Math.Min(workers, 16), surroundings.Time)
        {
            Damage = damage,
            HistoryElsewhereAsync = remotes.Count == 0 ? null : new RemoteHistories(remotes, log, surroundings.Time).OfAsync,
        };
        var restores = new LifecycleSettings { ConfirmWithin = options.Restore.ConfirmWithin, KeepOld = options.Restore.KeepOld, Workers = Math.Min(workers, 16) };
        using var backups = new BackupKeeping(repository, options.Backups.DeleteGrace, options.Remotes.Count == 0 ? TimeSpan.Zero : DeletionsTold, surroundings.Time);
        var stored = new StoredAmounts();
        var host = new ServeHost(
            new ServeSettings
            {
                Configuration = loaded,
                StateDirectory = state,
                Service = service,
                RepositoryLocation = repository.Location,
                RepositoryDirectory = options.RepositoryPath,
                Version = Version(),
                CreateFollower = definition => CreateFollower(definition, around),
                Repository = repository,
                CreateLifecycle = (definition, database, origins) => new SourceLifecycle(
                    definition.Name, definition.Path, definition.StartEmpty, new RestoreJournal(Path.Join(state, "restores"), definition.Name), restores, origins, database, log, surroundings.Time),
                Backups = backups,
                KeepNewest = (status, labels, ct) => PositionKeeper.KeepNewestAsync(repository, status.Name, status.Path, status.JournalMode == "wal", labels, surroundings.Time, ct),
                IsNewestKept = (source, ct) => PositionKeeper.IsNewestKeptAsync(repository, source, ct),
                Remotes = remotes,
                Upkeep = new SourceUpkeep(repository, backups, state, options.Compaction, openFilesMax, stored.Set, log, surroundings.Time).RunAsync,
                Stored = stored,
                Damage = damage,
                Reload = configuration.Load,
                ConfigurationPath = configuration.File,
            },
            random, log, surroundings.Time);
        started(host);
        return (await host.RunAsync(stop)).Count == 0 ? ExitCode.Ok : ExitCode.Partial;
    }

    /// <exception cref="OperatorException">The state directory cannot be one, or lies where a database does.</exception>
    public static void EnsureUsable(string state, IReadOnlyList<SourceOptions> sources)
    {
        foreach (var directory in sources.Select(source => source.Directory ?? Path.GetDirectoryName(source.Path)!))
        {
            _ = StateDirectory.EnsureUsable(Path.Join(directory, "any"), state);
        }
    }

    private static RemoteFeedSettings FeedOf(RemoteOptions remote, SidecarOptions options, string state, int openFilesMax, RemoteStores stores, TimeProvider time) => new()
    {
        Name = remote.Name,
        Location = remote.Place,
        Interval = remote.Interval,
        Open = ct => OpenAsync(stores.Of(remote), InstanceOf(options, state, time), time, ct),
        OpenForReading = ct => BackupRepository.OpenForReadingAsync(stores.Of(remote), ct),
        Account = stores.AccountOf(remote),
        Sync = new SyncOptions
        {
            Merge = SourceUpkeep.OptionsOf(options.Compaction, openFilesMax, () => SpoolFile.Create(Path.Join(state, $"{remote.Name}.sync"))),
            Spool = remote.Drive is null ? null : new SyncSpool(state, () => new DriveInfo(state).AvailableFreeSpace),
            Compaction = options.Compaction.Enabled ? SourceUpkeep.OptionsOfRemote(options.Compaction, openFilesMax, () => SpoolFile.Create(Path.Join(state, $"{remote.Name}.merge"))) : null,
            DeleteGrace = options.Backups.DeleteGrace,
        },
    };

    /// <summary>Never makes it: a share that is not mounted looks like an empty directory.</summary>
    private static async ValueTask<BackupRepository> OpenAsync(IObjectStore store, LeaseHolder me, TimeProvider time, CancellationToken ct)
    {
        var repository = await RepositoryLocation.OpenForWritingAsync(store, "serve", createIfMissing: false, time, ct);
        try
        {
            await repository.TakeLeaseAsync(me, ct);
            return repository;
        }
        catch
        {
            await repository.DisposeAsync();
            throw;
        }
    }

    /// <summary>Who this sidecar is to those that share a repository with it.</summary>
    public static LeaseHolder InstanceOf(SidecarOptions options, string state, TimeProvider time) =>
        new(options.Instance ?? Environment.MachineName, Environment.MachineName, StateIdentity.Of(state), time.GetUtcNow());

    /// <summary>What a restore that was interrupted left is finished or undone first: it may have left no database at the path.</summary>
    private static SourceFollower CreateFollower(SourceDefinition definition, FollowerSurroundings around)
    {
        var recovery = SwapRecovery.FinishOrUndo(definition.Path);
        if (recovery.Kind != SwapRecoveryKind.Nothing)
        {
            HostingLog.RestoreRecovered(around.Log, definition.Name, recovery.Text);
        }

        return new SourceFollower(definition, around);
    }

    private static string Version() => typeof(ServeCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
