using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>restores</c>: restores of a running serve in which the app takes part.</summary>
internal static class RestoresCommand
{
    public static Command Create(CommandExecution execution) => new("restores", "Restore the database of an app that uses it: staged while it runs, put in place when it starts again.")
    {
        Points(execution), Plan(execution), Stage(execution), Show(execution), Watch(execution), Cancel(execution), Undo(execution),
    };

    private static Command Points(CommandExecution execution)
    {
        var page = CommonOptions.Text("--page", "TOKEN", "The next page, by the token of the one before.");
        return Make("points", "Show what can be restored, newest first, a hundred at a time.", execution, [page], async (parsed, source, sidecar, output, ct) =>
        {
            var request = new ListRestorePointsRequest { Source = source, PageToken = parsed.GetValue(page) ?? "" };
            var response = await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).ListRestorePointsAsync(request, options), RemoteCommand.AnswerMax, ct);
            var points = response.Points.Select(point => new PointLine
            {
                Source = source,
                Position = point.Position.Number,
                Timeline = point.Position.Timeline,
                Time = point.Time.ToDateTimeOffset(),
                BackupId = point.BackupId.Length == 0 ? null : point.BackupId,
                Restorable = point.Restorable,
            }).ToList();
            var next = response.NextPageToken.Length == 0 ? null : response.NextPageToken;
            output.Summarize(new RestorePointsSummary(points, next, ExitCode.Ok), CliJson.Default.RestorePointsSummary, writer => RestoresText.WritePoints(writer, points, next, execution.Surroundings.Time));
            return ExitCode.Ok;
        });
    }

    private static Command Plan(CommandExecution execution)
    {
        var selection = new RestoreSelection();
        var command = Make("plan", "Show what a restore would read and what it would leave behind; nothing is done.", execution, selection.Options, async (parsed, source, sidecar, output, ct) =>
        {
            var request = new PlanRestoreRequest { Source = source, Selector = selection.Of(parsed, execution.Surroundings) };
            var plan = (await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).PlanRestoreAsync(request, options), RemoteCommand.AnswerMax, ct)).Plan;
            foreach (var warning in plan.Warnings)
            {
                output.Warn(warning);
            }

            var summary = new RestorePlanSummary(
                plan.Source, plan.Path, plan.Point.Position.Number, plan.Point.Position.Timeline, ProtoTime.FromProto(plan.Point.Time), plan.Point.BackupId.Length == 0 ? null : plan.Point.BackupId,
                plan.PackCount, plan.PackBytes, plan.DatabaseBytes, plan.Fingerprint, plan.Newest?.Number, plan.Newest?.Timeline, plan.NewerPoints, ProtoTime.ToSeconds(plan.NewerSpan), plan.Warnings.Count, ExitCode.Ok);
            output.Summarize(summary, CliJson.Default.RestorePlanSummary, writer => RestoresText.WritePlan(writer, summary, execution.Surroundings.Time));
            return ExitCode.Ok;
        });
        command.Validators.Add(selection.AtMostOne);
        return command;
    }

    private static Command Stage(CommandExecution execution)
    {
        var selection = new RestoreSelection();
        var within = CommonOptions.Text("--restart-within", "D", "How soon the app should have ended. Default: 1m.");
        within.Validators.Add(Rules.Duration(TimeSpan.Zero, TimeSpan.FromDays(1)));
        var noSqliteChecks = new Option<bool>("--no-sqlite-checks") { Description = "Skip integrity_check and foreign_key_check; the fingerprint is always checked." };
        var command = Make("stage", "Begin a restore and follow it until it is staged; it goes on without this command.", execution, [.. selection.Options, within, noSqliteChecks], async (parsed, source, sidecar, output, ct) =>
        {
            var request = new StageRestoreRequest
            {
                Source = source,
                Selector = selection.Of(parsed, execution.Surroundings),
                SkipSqliteChecks = parsed.GetValue(noSqliteChecks),
                RestartWithin = parsed.GetValue(within) is { } text && DurationText.TryParse(text, out var given) ? Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(given) : null,
            };
            return await StageAsync(request, sidecar, output, execution, ct);
        });
        command.Validators.Add(selection.AtMostOne);
        return command;
    }

    /// <summary>Begins a restore and follows it until it is staged.</summary>
    public static async ValueTask<int> StageAsync(StageRestoreRequest request, RemoteSidecar sidecar, ICommandOutput output, CommandExecution execution, CancellationToken ct)
    {
        AppRestore? last = null;
        await sidecar.ReadAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).StageRestore(request, options), response => last = Tell(response.Restore, output, execution), ct);
        return Summarize(last!, output, execution);
    }

    private static Command Show(CommandExecution execution) => ById("show", "Show a restore.", isRequired: false, execution, async (source, id, sidecar, output, ct) =>
        Summarize(AppRestore.Of((await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).GetRestoreAsync(new GetRestoreRequest { Source = source, RestoreId = id }, options), RemoteCommand.AnswerMax, ct)).Restore), output, execution));

    private static Command Watch(CommandExecution execution) => ById("watch", "Show a restore, and again whenever it changes, until it has ended.", isRequired: false, execution, async (source, id, sidecar, output, ct) =>
    {
        AppRestore? last = null;
        await sidecar.ReadAsync(
            (calls, options) => new RestoreService.RestoreServiceClient(calls).WatchRestore(new WatchRestoreRequest { Source = source, RestoreId = id }, options),
            response => last = Tell(response.Restore, output, execution),
            ct);
        return Summarize(last!, output, execution);
    });

    private static Command Cancel(CommandExecution execution) => ById("cancel", "End a restore that is not in place yet.", isRequired: true, execution, async (source, id, sidecar, output, ct) =>
        Summarize(AppRestore.Of((await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).CancelRestoreAsync(new CancelRestoreRequest { Source = source, RestoreId = id }, options), RemoteCommand.AnswerMax, ct)).Restore), output, execution));

    private static Command Undo(CommandExecution execution) => ById("undo", "Take back a restore that is in place, when the app starts again.", isRequired: true, execution, async (source, id, sidecar, output, ct) =>
        Summarize(AppRestore.Of((await sidecar.CallAsync((calls, options) => new RestoreService.RestoreServiceClient(calls).UndoRestoreAsync(new UndoRestoreRequest { Source = source, RestoreId = id }, options), RemoteCommand.AnswerMax, ct)).Restore), output, execution));

    private static AppRestore Tell(Contracts.V1.Restore message, ICommandOutput output, CommandExecution execution)
    {
        var restore = AppRestore.Of(message);
        output.Tell(new RestoresLine(restore), CliJson.Default.RestoresLine, writer => writer.WriteLine(RestoresText.Line(restore, execution.Surroundings.Time)));
        return restore;
    }

    private static int Summarize(AppRestore restore, ICommandOutput output, CommandExecution execution)
    {
        foreach (var warning in restore.Warnings)
        {
            output.Warn(warning);
        }

        var exitCode = restore.State == "failed" ? ExitCode.Failed : ExitCode.Ok;
        output.Summarize(new RestoresSummary(restore, exitCode), CliJson.Default.RestoresSummary, writer => RestoresText.Write(writer, restore, execution.Surroundings.Time));
        return exitCode;
    }

    private static Command ById(string name, string description, bool isRequired, CommandExecution execution, Func<string, string, RemoteSidecar, ICommandOutput, CancellationToken, ValueTask<int>> run)
    {
        var id = new Argument<string>("ID") { Description = isRequired ? "The restore." : "The restore. Default: the newest one.", Arity = isRequired ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne };
        return Make(name, description, execution, [id], (parsed, source, sidecar, output, ct) => run(source, parsed.GetValue(id) ?? "", sidecar, output, ct));
    }

    private static Command Make(string name, string description, CommandExecution execution, IEnumerable<Symbol> parts, Func<ParseResult, string, RemoteSidecar, ICommandOutput, CancellationToken, ValueTask<int>> run)
    {
        var source = RemoteCommand.Source();
        return RemoteCommand.Make(name, description, execution, [source, .. parts], (parsed, sidecar, output, ct) => run(parsed, parsed.GetValue(source) ?? "", sidecar, output, ct));
    }
}
