using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using ProtoDuration = Google.Protobuf.WellKnownTypes.Duration;

namespace BackupSidecar.Cli;

/// <summary><c>lifecycle</c>: what an app calls, for scripts and for trying it out.</summary>
internal static class LifecycleCommand
{
    private static readonly TimeSpan PrepareMax = TimeSpan.FromHours(1);

    private delegate ValueTask<int> Run(ParseResult parsed, string source, string instance, RemoteSidecar sidecar, ICommandOutput output, CancellationToken ct);

    public static Command Create(CommandExecution execution) => new("lifecycle", "Call what an app calls at its start: for scripts, and for trying it out.")
    {
        Prepare(execution), Confirm(execution), Extend(execution), Watch(execution),
    };

    private static Command Prepare(CommandExecution execution)
    {
        var noConfirmation = new Option<bool>("--no-confirmation") { Description = "Nobody will confirm: a restore that is put in place counts as confirmed." };
        var version = CommonOptions.Text("--app-version", "VERSION", "Of the app; another one than before keeps a backup first.");
        return Make("prepare", "Before an app opens its database: a staged restore is put in place, a missing database is filled.", execution, [version, noConfirmation], async (parsed, source, instance, sidecar, output, ct) =>
        {
            var request = new PrepareDatabaseRequest { Source = source, InstanceId = instance, AppVersion = parsed.GetValue(version) ?? "", WithoutConfirmation = parsed.GetValue(noConfirmation) };
            return await PrepareAsync(request, sidecar, output, execution.Surroundings.Time, ct);
        });
    }

    /// <summary>Has the database prepared, and says what was.</summary>
    public static async ValueTask<int> PrepareAsync(PrepareDatabaseRequest request, RemoteSidecar sidecar, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var response = await sidecar.CallAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).PrepareDatabaseAsync(request, options), PrepareMax, ct);
        foreach (var warning in response.Warnings)
        {
            output.Warn(warning);
        }

        var preparation = response.Preparation switch
        {
            DatabasePreparation.Existing => "existing",
            DatabasePreparation.Restored => "restored",
            DatabasePreparation.RolledBack => "rolled back",
            DatabasePreparation.Empty => "empty",
            _ => $"{(int)response.Preparation}",
        };
        var summary = new LifecycleSummary(
            preparation, response.RestoreId.Length == 0 ? null : response.RestoreId, ProtoTime.FromProto(response.ConfirmDeadline), response.Restart?.Message, [.. response.Warnings], ExitCode.Ok);
        output.Summarize(summary, CliJson.Default.LifecycleSummary, writer => Write(writer, summary, time));
        return ExitCode.Ok;
    }

    private static Command Confirm(CommandExecution execution)
    {
        var restore = CommonOptions.Text("--restore", "ID", "The restore, as 'prepare' gave it.", isRequired: true);
        return Make("confirm", "The app works on the restored database.", execution, [restore], async (parsed, source, instance, sidecar, output, ct) =>
        {
            var request = new ConfirmHealthyRequest { Source = source, InstanceId = instance, RestoreId = parsed.GetRequiredValue(restore) };
            _ = await sidecar.CallAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).ConfirmHealthyAsync(request, options), RemoteCommand.AnswerMax, ct);
            output.Summarize(
                new LifecycleSummary(null, request.RestoreId, null, null, [], ExitCode.Ok), CliJson.Default.LifecycleSummary, writer => writer.WriteLine($"Restore {request.RestoreId} is confirmed."));
            return ExitCode.Ok;
        });
    }

    private static Command Extend(CommandExecution execution)
    {
        var restore = CommonOptions.Text("--restore", "ID", "The restore, as 'prepare' gave it.", isRequired: true);
        var by = CommonOptions.Text("--by", "D", "From now.", isRequired: true);
        by.Validators.Add(Rules.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)));
        return Make("extend", "Give the app more time to confirm a restore.", execution, [restore, by], async (parsed, source, instance, sidecar, output, ct) =>
        {
            _ = DurationText.TryParse(parsed.GetRequiredValue(by), out var extension);
            var request = new ExtendConfirmationRequest { Source = source, InstanceId = instance, RestoreId = parsed.GetRequiredValue(restore), Extension = ProtoDuration.FromTimeSpan(extension) };
            var response = await sidecar.CallAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).ExtendConfirmationAsync(request, options), RemoteCommand.AnswerMax, ct);
            var deadline = ProtoTime.FromProto(response.ConfirmDeadline);
            output.Summarize(
                new LifecycleSummary(null, request.RestoreId, deadline, null, [], ExitCode.Ok),
                CliJson.Default.LifecycleSummary,
                writer => writer.WriteLine(deadline is { } until ? $"Restore {request.RestoreId} is to be confirmed until {HumanText.Time(until, execution.Surroundings.Time)}." : $"Restore {request.RestoreId} is confirmed already."));
            return ExitCode.Ok;
        });
    }

    private static Command Watch(CommandExecution execution) => Make("watch", "Count as a running instance, and show what the sidecar wants of it.", execution, [], async (_, source, instance, sidecar, output, ct) =>
    {
        var request = new WatchRequest { Source = source, InstanceId = instance };
        await sidecar.ReadAsync((calls, options) => new LifecycleService.LifecycleServiceClient(calls).Watch(request, options), Tell, ct);
        return ExitCode.Ok;

        void Tell(WatchResponse response)
        {
            var line = new WishLine(
                response.Restart?.Message, ProtoTime.FromProto(response.Restart?.Deadline), response.UnconfirmedRestoreId.Length == 0 ? null : response.UnconfirmedRestoreId, ProtoTime.FromProto(response.ConfirmDeadline));
            output.Tell(line, CliJson.Default.WishLine, writer => writer.WriteLine(
                line.Restart is { } restart ? $"Restart: {restart}" : line.UnconfirmedRestoreId is { } restore ? $"Confirm restore {restore}." : "Nothing is wanted."));
        }
    });

    private static void Write(TextWriter writer, LifecycleSummary summary, TimeProvider time)
    {
        writer.WriteLine(summary.Preparation switch
        {
            "existing" => "The database is the one that was there.",
            "restored" => $"The database is the one of restore {summary.RestoreId}{(summary.ConfirmBy is { } by ? $"; confirm it until {HumanText.Time(by, time)}" : "")}.",
            "rolled back" => $"The database from before restore {summary.RestoreId} is there again.",
            "empty" => "There is no database, and no backup of it: the app may begin with an empty one.",
            _ => $"The sidecar answered {summary.Preparation}, which this version does not know.",
        });
        if (summary.Restart is { } restart)
        {
            writer.WriteLine($"  restart   {restart}");
        }
    }

    private static Command Make(string name, string description, CommandExecution execution, IEnumerable<Symbol> parts, Run run)
    {
        var source = RemoteCommand.Source();
        var instance = CommonOptions.Text("--instance", "ID", "The instance of the app: 8 to 64 letters, digits, '.', '_' or '-', new at each start.", isRequired: true);
        return RemoteCommand.Make(
            name, description, execution, [source, instance, .. parts], (parsed, sidecar, output, ct) => run(parsed, parsed.GetValue(source) ?? "", parsed.GetRequiredValue(instance), sidecar, output, ct));
    }
}
