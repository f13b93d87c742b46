using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Repository;
using Grpc.Core;

namespace BackupSidecar.Cli;

/// <summary><c>backups</c>: one backup of a running serve, to look at, to label, to pin, to delete and to bring back.</summary>
internal static class BackupsCommand
{
    public static Command Create(CommandExecution execution) => new("backups", "Show, label, pin, delete and bring back the backups of a running serve.")
    {
        Show(execution), Update(execution), Delete(execution), Undelete(execution),
    };

    private static Command Show(CommandExecution execution) => Make("show", "Show a backup.", execution, [], (_, source, id) =>
        (client, options) => Of(client.GetBackupAsync(new GetBackupRequest { Source = source, BackupId = id }, options), response => response.Backup));

    private static Command Update(CommandExecution execution)
    {
        var label = new Option<string[]>("--label") { Description = "A label that it is to have; given several times these are all of them.", HelpName = "LABEL", Arity = ArgumentArity.OneOrMore };
        var noLabels = new Option<bool>("--no-labels") { Description = "Take all labels away." };
        var pin = new Option<bool>("--pin") { Description = "Retention never takes it." };
        var unpin = new Option<bool>("--unpin") { Description = "Retention may take it." };
        label.Validators.Add(Rules.Valid(text => BackupLabel.Validate(text)));
        var command = Make("update", "Change the labels or the pin of a backup.", execution, [label, noLabels, pin, unpin], (parsed, source, id) =>
        {
            var request = new UpdateBackupRequest { Source = source, BackupId = id };
            if (parsed.GetValue(noLabels) || parsed.GetValue(label) is { Length: > 0 })
            {
                request.Labels = new BackupLabels { Labels = { parsed.GetValue(label) ?? [] } };
            }

            if (parsed.GetValue(pin) || parsed.GetValue(unpin))
            {
                request.Pinned = parsed.GetValue(pin);
            }

            return (client, options) => Of(client.UpdateBackupAsync(request, options), response => response.Backup);
        });
        command.Validators.Add(Rules.AtMostOne(label, noLabels));
        command.Validators.Add(Rules.AtMostOne(pin, unpin));
        return command;
    }

    private static Command Delete(CommandExecution execution) => Make("delete", "Delete a backup when its grace is over; until then 'undelete' brings it back.", execution, [], (_, source, id) =>
        (client, options) => Of(client.DeleteBackupAsync(new DeleteBackupRequest { Source = source, BackupId = id }, options), response => response.Backup));

    private static Command Undelete(CommandExecution execution) => Make("undelete", "Bring back a deleted backup whose grace is not over.", execution, [], (_, source, id) =>
        (client, options) => Of(client.UndeleteBackupAsync(new UndeleteBackupRequest { Source = source, BackupId = id }, options), response => response.Backup));

    private static async Task<Contracts.V1.Backup> Of<T>(AsyncUnaryCall<T> call, Func<T, Contracts.V1.Backup> backup) => backup(await call);

    private static Command Make(
        string name, string description, CommandExecution execution, IEnumerable<Symbol> parts, Func<ParseResult, string, string, Func<BackupService.BackupServiceClient, CallOptions, Task<Contracts.V1.Backup>>> call)
    {
        var source = RemoteCommand.Source();
        var id = new Argument<string>("ID") { Description = "The backup, or at least its first four digits.", Arity = ArgumentArity.ExactlyOne };
        return RemoteCommand.Make(name, description, execution, [id, source, .. parts], async (parsed, sidecar, output, ct) =>
        {
            var ask = call(parsed, parsed.GetValue(source) ?? "", parsed.GetRequiredValue(id));
            var backup = await sidecar.CallAsync((calls, options) => ask(new BackupService.BackupServiceClient(calls), options), RemoteCommand.AnswerMax, ct);
            var summary = new BackupDetailSummary(backup.Source, RemoteList.Describe(backup), ProtoTime.FromProto(backup.ExpireTime), backup.Problem.Length == 0 ? null : backup.Problem, ExitCode.Ok);
            output.Summarize(summary, CliJson.Default.BackupDetailSummary, writer => Write(writer, summary, execution.Surroundings.Time));
            return ExitCode.Ok;
        });
    }

    private static void Write(TextWriter writer, BackupDetailSummary summary, TimeProvider time)
    {
        var backup = summary.Backup;
        writer.WriteLine($"Backup {backup.BackupId} of source '{summary.Source}'{(backup.DeletedAt is not null ? $" is DELETED and goes {(summary.ExpiresAt is { } end ? $"at {HumanText.Time(end, time)}" : "soon")}" : backup.Pinned ? " is pinned" : "")}:");
        writer.WriteLine($"  made      {HumanText.Time(backup.CreatedAt, time)} ({HumanText.Age(backup.CreatedAt, time)}){(backup.Host is null ? "" : $" on {backup.Host}, of {backup.Database}")}");
        writer.WriteLine($"  position  {backup.Position} of timeline {backup.Timeline}");
        writer.WriteLine($"  labels    {(backup.Labels.Count == 0 ? "none" : string.Join(", ", backup.Labels))}");
        writer.WriteLine($"  database  {(backup.DatabaseBytes is { } bytes ? HumanText.Bytes(bytes) : "?")}");
        writer.WriteLine(backup.Restorable ? "  restores  its packs are there and its manifest is whole; 'verify' proves more" : $"  RESTORES NOT: {summary.Problem ?? "a pack on the way to it is missing"}");
    }
}
