using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Restore;
using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Cli;

/// <summary><c>restore</c>: repository → database file, or the plan of it.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = CommonOptions.Repository(isRequired: false);
        var config = CommonOptions.Config();
        config.Description = "In place of --repository: the repositories of this configuration of serve, the local one first; the next one is restored from where one lacks the restore point or fails.";
        var name = RepositoryChoice.NameOption();
        name.Description = $"With --config: this one of its repositories alone; '{ConfiguredRepositories.Local}' is the local one.";
        var sidecar = SidecarAddress.Option();
        var source = CommonOptions.Text("--source", "NAME", "The source to restore. Default: the only one of the repository.");
        var selection = new RestoreSelection();
        var output = CommonOptions.PathText("--output", "PATH", "Where the database goes.", PathLength.Output);
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the database that is there; it is kept beside it as a safety copy." };
        var ifMissing = new Option<bool>("--if-missing") { Description = "Do nothing, successfully, if there is a database. With --sidecar: as the start of an app, which also puts a staged restore in place." };
        var startEmpty = new Option<bool>("--start-empty") { Description = "With --if-missing: do nothing, successfully, if nothing is stored yet, as before the first backup of all; startEmpty of the configuration says the same of a source. A repository that cannot be read still fails; a volume that is not mounted looks as one without backups." };
        var appIsStopped = new Option<bool>("--app-is-stopped") { Description = "You say that no application has the old database open, where its locks cannot tell." };
        var noSqliteChecks = new Option<bool>("--no-sqlite-checks") { Description = "Skip integrity_check and foreign_key_check; the fingerprint is always checked." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would be restored, and what would happen to the existing file." };
        var json = CommonOptions.Json();

        var command = new Command("restore", "Restore a database: the newest restore point, unless told otherwise.")
        {
            repository, config, name, sidecar, source, output, overwrite, ifMissing, startEmpty, appIsStopped, noSqliteChecks, dryRun, json,
        };
        foreach (var option in selection.Options)
        {
            command.Add(option);
        }

        command.Validators.Add(Rules.AtMostOne(repository, config));
        command.Validators.Add(Rules.GoesWith(name, config));
        command.Validators.Add(result => Rules.Or(
            sidecar, required: [result.GetResult(config) is { Implicit: false } ? config : repository, output], optional: [overwrite, startEmpty, appIsStopped, dryRun])(result));
        command.Validators.Add(selection.AtMostOne);
        command.Validators.Add(result =>
        {
            if (result.GetResult(sidecar) is { Implicit: false } && result.GetResult(ifMissing) is { Implicit: false }
                && selection.Options.Append(noSqliteChecks).FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } excluded)
            {
                result.AddError($"{excluded.Name} does not go with --sidecar and --if-missing: what is missing is filled from the newest restore point. Stage another one before: 'restore --sidecar'.");
            }
        });
        command.Validators.Add(Rules.AtMostOne(overwrite, ifMissing));
        command.Validators.Add(result =>
        {
            if (result.GetResult(startEmpty) is { Implicit: false } && result.GetResult(ifMissing) is not { Implicit: false })
            {
                result.AddError("--start-empty goes with --if-missing.");
            }
        });
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: false, (commandOutput, ct) =>
        {
            if (parsed.GetValue(sidecar) is { } address)
            {
                return AskAsync(address, parsed.GetValue(source) ?? "", parsed.GetValue(ifMissing), selection.Of(parsed, execution.Surroundings), parsed.GetValue(noSqliteChecks), commandOutput, execution, ct);
            }

            var options = new RestoreOptions
            {
                SourceName = parsed.GetValue(source),
                Choice = selection.ChoiceOf(parsed, execution.Surroundings),
                OutputPath = parsed.GetRequiredValue(output),
                Overwrite = parsed.GetValue(overwrite),
                IfMissing = parsed.GetValue(ifMissing),
                StartEmpty = parsed.GetValue(startEmpty),
                AppIsStopped = parsed.GetValue(appIsStopped),
                SqliteChecks = !parsed.GetValue(noSqliteChecks),
            };
            return parsed.GetValue(config) is { } file
                ? ConfiguredRepositories.UseAsync(
                    file, commandOutput, execution.Surroundings, configured => RunAsync(
                        OriginsOf(configured, parsed.GetValue(name)), DirectoriesOf(configured, execution.Surroundings), parsed.GetValue(dryRun), options with { StartEmpty = options.StartEmpty || configured.StartsEmpty(options.SourceName) }, commandOutput, execution.Surroundings.Time, ct))
                : RunAsync(
                    new RestoreOrigins([new RestoreOrigin("", stop => RepositoryLocation.OpenForReadingAsync(parsed.GetRequiredValue(repository), stop))]),
                    [parsed.GetRequiredValue(repository)], parsed.GetValue(dryRun), options, commandOutput, execution.Surroundings.Time, ct);
        }));
        return command;
    }

    /// <summary>A running serve does it: staged for the next start of the app; with --if-missing at once, before the app has started.</summary>
    private static async ValueTask<int> AskAsync(
        string address, string source, bool ifMissing, RestoreSelector selector, bool skipsSqliteChecks, ICommandOutput output, CommandExecution execution, CancellationToken ct)
    {
        using var sidecar = SidecarAddress.Connect(address, execution.Surroundings);
        if (!ifMissing)
        {
            return await RestoresCommand.StageAsync(new StageRestoreRequest { Source = source, Selector = selector, SkipSqliteChecks = skipsSqliteChecks }, sidecar, output, execution, ct);
        }

        var request = new PrepareDatabaseRequest { Source = source, InstanceId = Guid.NewGuid().ToString("N"), WithoutConfirmation = true };
        return await LifecycleCommand.PrepareAsync(request, sidecar, output, execution.Surroundings.Time, ct);
    }

    /// <param name="configured">All of them.</param>
    /// <param name="name">Of the only one that is asked; null: one after the other.</param>
    private static RestoreOrigins OriginsOf(ConfiguredRepositories configured, string? name) =>
        new([.. (name is null ? configured.All : [configured.Named(name)]).Select(one => new RestoreOrigin(one.Name, one.OpenForReadingAsync))]);

    /// <summary>Where backups and their state lie on this machine, whichever of them is restored from.</summary>
    private static List<string> DirectoriesOf(ConfiguredRepositories configured, Surroundings surroundings)
    {
        List<string> directories = [configured.Options.RepositoryPath, .. configured.Options.Remotes.Where(remote => remote.Drive is null).Select(remote => remote.Path)];
        try
        {
            return [.. directories, RepositoryLocation.StateDirectory(configured.Options.StatePath, surroundings.Variable)];
        }
        catch (OperatorException)
        {
            // There is no place for state, and so none lies there.
            return directories;
        }
    }

    private static async ValueTask<int> RunAsync(RestoreOrigins origins, IReadOnlyList<string> directories, bool isDryRun, RestoreOptions options, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        RepositoryGround.EnsureOutside(SwapPaths.Of(options.OutputPath).Database, directories);
        return await (isDryRun ? PlanAsync(origins, options, output, time, ct) : RunAsync(origins, options, output, time, ct));
    }

    private static async ValueTask<int> RunAsync(RestoreOrigins origins, RestoreOptions options, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var result = await output.TrackAsync(progress => new RestoreRun(origins, options, time, progress).ExecuteAsync(ct));
        foreach (var warning in result.Warnings)
        {
            output.Warn(warning);
        }

        var summary = new RestoreSummary
        {
            Outcome = result.IsEmptyStart ? "empty" : result.Plan is null ? "exists" : "restored",
            Output = result.OutputPath,
            Repository = result.Repository,
            RestorePoint = result.Plan is { } plan ? RestoreText.Describe(plan, time) : null,
            SafetyCopy = result.SafetyCopyPath,
            Recovered = result.Recovered,
            FingerprintChecked = result.Plan is null ? null : true,
            SqliteChecked = result.Plan is null ? null : result.SqliteChecked,
            DurationMs = (long)result.Duration.TotalMilliseconds,
            Warnings = result.Warnings.Count,
        };
        output.Summarize(summary, CliJson.Default.RestoreSummary, writer => RestoreText.WriteResult(writer, result, time));
        return ExitCode.Ok;
    }

    /// <summary>Changes nothing, so an interrupted restore is mentioned and left.</summary>
    private static async ValueTask<int> PlanAsync(RestoreOrigins origins, RestoreOptions options, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var planned = await new RestoreRun(origins, options, time, progress: null).PlanAsync(ct);
        var plan = planned.Plan;
        foreach (var warning in planned.Warnings)
        {
            output.Warn(warning);
        }

        var paths = SwapPaths.Of(options.OutputPath);
        if (File.Exists(paths.Marker))
        {
            output.Warn($"An earlier restore of {paths.Database} was interrupted or is running; the restore would finish or undo it first.");
        }

        if (TryFree(paths.Directory) is { } free && free < plan.Shape.Bytes)
        {
            output.Warn($"THE RESTORE WOULD FAIL: {paths.Directory} has {HumanText.Bytes(free)} ({free} bytes) free, and the database needs {HumanText.Bytes(plan.Shape.Bytes)} ({plan.Shape.Bytes} bytes) beside its target.");
        }

        var target = !File.Exists(paths.Database) ? "create" : options.IfMissing ? "keep" : options.Overwrite ? "replace" : "refuse";
        var summary = new RestoreSummary
        {
            Outcome = "planned",
            Output = paths.Database,
            Repository = planned.Repository.Location,
            RestorePoint = RestoreText.Describe(plan, time),
            Target = target,
        };
        output.Summarize(summary, CliJson.Default.RestoreSummary, writer => RestoreText.WritePlan(writer, plan, paths.Database, target, time));
        return ExitCode.Ok;
    }

    /// <returns>Null: it is not known, as where there is no such directory.</returns>
    private static long? TryFree(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? new DriveInfo(directory).AvailableFreeSpace : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
