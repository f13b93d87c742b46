using System.CommandLine;
using BackupSidecar.Backup;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Pack;
using BackupSidecar.Repository;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Source;

namespace BackupSidecar.Cli;

/// <summary><c>backup</c>: live database → published manifest.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandExecution execution)
    {
        var database = CommonOptions.Database(isRequired: false);
        var source = CommonOptions.Text("--source", "NAME", "The name of the database in the repository. Default: its file name without extension.");
        var repository = CommonOptions.Repository(isRequired: false);
        var sidecar = SidecarAddress.Option();
        var pin = new Option<bool>("--pin") { Description = "Retention never takes it." };
        var state = CommonOptions.PathText(
            "--state", "DIR", "Where page hashes are kept between runs, never beside the database. Default: $XDG_STATE_HOME/backup-sidecar or ~/.local/state/backup-sidecar.", PathLength.Directory);
        var compression = CommonOptions.Choice("--compression", "How hard pages are compressed.", "light", "none", "light", "heavy");
        var full = new Option<bool>("--full") { Description = "Store all pages and build on nothing that is stored: after damage was found, by 'verify' or a drill." };
        var label = new Option<string[]>("--label") { Description = "A label to find the backup by; may be given several times.", HelpName = "LABEL", Arity = ArgumentArity.OneOrMore };
        var json = CommonOptions.Json();
        source.Validators.Add(Rules.Valid(text => SourceName.Validate(text)));
        label.Validators.Add(Rules.Valid(text => BackupLabel.Validate(text)));
        label.Validators.Add(result =>
        {
            if (result.Tokens.Count > BackupLabel.CountMax)
            {
                result.AddError($"--label is given {result.Tokens.Count} times; a backup has at most {BackupLabel.CountMax} labels.");
            }
        });

        var command = new Command("backup", "Store the database as it is now; the repository is created if it does not exist.") { database, source, repository, sidecar, state, compression, full, label, pin, json };
        command.Validators.Add(Rules.Or(sidecar, required: [database, repository], optional: [state, compression, full]));
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
        {
            IReadOnlyList<string> labels = [.. (parsed.GetValue(label) ?? []).Distinct(StringComparer.Ordinal)];
            if (parsed.GetValue(sidecar) is { } address)
            {
                var request = new CreateBackupRequest { Source = parsed.GetValue(source) ?? "", Pinned = parsed.GetValue(pin), Labels = { labels } };
                return AskAsync(address, request, output, execution.Surroundings, ct);
            }

            var options = new BackupOptions
            {
                DatabasePath = parsed.GetRequiredValue(database),
                SourceName = parsed.GetValue(source),
                StateDirectory = RepositoryLocation.StateDirectory(parsed.GetValue(state), execution.Surroundings.Variable),
                Compression = Enum.Parse<CompressionLevel>(parsed.GetValue(compression) ?? "light", ignoreCase: true),
                Labels = labels,
                FullBecause = parsed.GetValue(full) ? "a full was asked for" : null,
            };
            return RunAsync(options, parsed.GetRequiredValue(repository), parsed.GetValue(pin), output, execution.Surroundings.Time, ct);
        }));
        return command;
    }

    private static async ValueTask<int> RunAsync(BackupOptions options, string location, bool isPinned, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var recovery = SwapRecovery.FinishOrUndo(options.DatabasePath);
        if (recovery.Kind != SwapRecoveryKind.Nothing)
        {
            output.Warn(recovery.Text);
        }

        // Before a repository is created: a wrong path leaves nothing behind.
        var database = SourceFile.Resolve(options.DatabasePath);
        SourceDatabase.EnsureIsDatabase(database);
        _ = StateDirectory.EnsureUsable(database.Path, options.StateDirectory);
        await using var repository = await RepositoryLocation.OpenForWritingAsync(location, $"backup of {options.DatabasePath}", time, ct);
        var result = await output.TrackAsync(progress => new BackupRun(repository, options, time, progress).ExecuteAsync(ct));

        if (isPinned)
        {
            using var backups = new BackupKeeping(repository, TimeSpan.Zero, time);
            _ = await backups.UpdateAsync(result.Manifest.Source.Name, result.Manifest.BackupId.ToString(), labels: null, pinned: true, ct);
        }

        foreach (var warning in result.Warnings)
        {
            output.Warn(warning);
        }

        foreach (var doubt in result.Doubts)
        {
            output.Doubt(doubt);
        }

        var exitCode = result.Doubts.Count > 0 ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(Summarize(result, repository.Location, exitCode), CliJson.Default.BackupSummary, writer => Write(writer, result, time));
        return exitCode;
    }

    /// <summary>A running serve does it, and goes on when this command is interrupted.</summary>
    private static async ValueTask<int> AskAsync(string address, CreateBackupRequest request, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        using var sidecar = SidecarAddress.Connect(address, surroundings);
        var time = surroundings.Time;
        var started = time.GetTimestamp();
        Contracts.V1.Backup? backup = null;
        await sidecar.ReadAsync((calls, call) => new BackupService.BackupServiceClient(calls).CreateBackup(request, call), response => backup = response.Backup, ct);
        var summary = Summarize(backup!, $"the repository of serve at {address}", (long)time.GetElapsedTime(started).TotalMilliseconds);
        output.Summarize(summary, CliJson.Default.BackupSummary, writer =>
        {
            var labels = summary.Labels.Count > 0 ? $", labelled {string.Join(", ", summary.Labels)}" : "";
            writer.WriteLine($"Backup {HumanText.ShortId(summary.BackupId)} of source '{summary.Source}' is stored{labels}, at {HumanText.Time(summary.CreatedAt, time)}.");
            writer.WriteLine($"  id        {summary.BackupId}");
            writer.WriteLine($"  position  {summary.Position} of timeline {summary.Timeline}");
            writer.WriteLine($"  duration  {HumanText.Duration(TimeSpan.FromMilliseconds(summary.DurationMs))}");
        });
        return ExitCode.Ok;
    }

    private static BackupSummary Summarize(Contracts.V1.Backup backup, string location, long milliseconds) => new()
    {
        ExitCode = ExitCode.Ok,
        BackupId = backup.BackupId,
        Source = backup.Source,
        SourceId = backup.SourceId,
        Database = backup.Path,
        Repository = location,
        Position = backup.Position.Number,
        Timeline = backup.Position.Timeline,
        NewTimelineReason = null,
        CreatedAt = backup.CreateTime.ToDateTimeOffset(),
        Changed = backup.Changed,
        Full = backup.Full,
        PageSizeBytes = backup.PageSizeBytes,
        Pages = backup.PageCount,
        PagesStored = 0,
        DatabaseBytes = backup.DatabaseBytes,
        RawBytes = 0,
        StoredBytes = backup.StoredBytes,
        Fingerprint = backup.Fingerprint,
        Reading = "continuous capture",
        ReadTransactionHeldMs = 0,
        DurationMs = milliseconds,
        Labels = [.. backup.Labels],
        Warnings = 0,
        Doubts = 0,
    };

    private static BackupSummary Summarize(BackupResult result, string location, int exitCode)
    {
        var manifest = result.Manifest;
        return new BackupSummary
        {
            ExitCode = exitCode,
            BackupId = manifest.BackupId.ToString(),
            Source = manifest.Source.Name,
            SourceId = manifest.Source.Id.ToString(),
            Database = manifest.Source.Path,
            Repository = location,
            Position = manifest.Position.Transaction.Value,
            Timeline = manifest.Position.Timeline.ToString(),
            NewTimelineReason = result.NewTimelineReason,
            CreatedAt = manifest.CreatedAt,
            Changed = manifest.Changed,
            Full = manifest.Changed && manifest.Pack.Name.IsFull,
            PageSizeBytes = manifest.Shape.PageSizeBytes,
            Pages = manifest.Shape.PageCount,
            PagesStored = manifest.Stats.PagesStored,
            DatabaseBytes = manifest.Shape.Bytes,
            RawBytes = manifest.Stats.PagesStored * manifest.Shape.PageSizeBytes,
            StoredBytes = manifest.Stats.StoredBytes,
            Fingerprint = manifest.Fingerprint.ToString(),
            Reading = result.Reading,
            ReadTransactionHeldMs = manifest.Stats.ReadTransactionHeldMs,
            DurationMs = manifest.Stats.DurationMs,
            Labels = manifest.Labels,
            Warnings = result.Warnings.Count,
            Doubts = result.Doubts.Count,
        };
    }

    private static void Write(TextWriter writer, BackupResult result, TimeProvider time)
    {
        var manifest = result.Manifest;
        var id = manifest.BackupId.ToString();
        var (stats, shape) = (manifest.Stats, manifest.Shape);
        var labels = manifest.Labels.Count > 0 ? $", labelled {string.Join(", ", manifest.Labels)}" : "";
        writer.WriteLine($"Backup {HumanText.ShortId(id)} of source '{manifest.Source.Name}' is stored{labels}, at {HumanText.Time(manifest.CreatedAt, time)}.");
        writer.WriteLine($"  id        {id}");
        writer.WriteLine($"  position  {manifest.Position}");
        if (result.NewTimelineReason is { } reason)
        {
            writer.WriteLine($"            a new timeline begins: {reason}");
        }

        writer.WriteLine($"  stored    {WhatWasStored(manifest)}");
        writer.WriteLine(
            $"  read      {HumanText.Count(shape.PageCount, "page")} of {shape.PageSizeBytes} bytes ({result.Reading}), held for up to {HumanText.Duration(TimeSpan.FromMilliseconds(stats.ReadTransactionHeldMs))} at a time");
        writer.WriteLine($"  duration  {HumanText.Duration(TimeSpan.FromMilliseconds(stats.DurationMs))}");
    }

    private static string WhatWasStored(BackupManifest manifest)
    {
        var (stats, shape) = (manifest.Stats, manifest.Shape);
        if (!manifest.Changed)
        {
            return "no page: nothing has changed since the newest position, which this backup keeps";
        }

        var pages = manifest.Pack.Name.IsFull
            ? $"all {HumanText.Count(stats.PagesStored, "page")} (a full)"
            : $"{HumanText.Count(stats.PagesStored)} of {HumanText.Count(shape.PageCount, "page")}";
        return $"{pages}: {HumanText.Bytes(stats.StoredBytes)} for {HumanText.Bytes(stats.PagesStored * shape.PageSizeBytes)} of the database";
    }
}
