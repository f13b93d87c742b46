using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;

namespace BackupSidecar.Cli;

/// <summary><c>repository repair-source</c>: writes the record of a source anew that is lost.</summary>
internal static class RepositoryRepairSourceCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = new RepositoryChoice();
        var id = CommonOptions.Text("--id", "ID", "The source, as the message names it that says its name is lost. Default: the only one.");
        id.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && !SourceId.TryParse(text, out _))
            {
                result.AddError($"--id: '{text}' is no id: it has 32 hexadecimal digits.");
            }
        });
        var name = CommonOptions.Text("--source", "NAME", "What it is called. Default: as its newest backup tells.");
        var json = CommonOptions.Json();
        var command = repository.MakeCommand("repair-source", "Write the lost record of a source anew ('sources/NAME.json'), so that what is stored of it can be asked for.", sidecar: null, id, name, json);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: false, (output, ct) => repository.UseStoreAsync(
            parsed, output, execution.Surroundings,
            store => RunAsync(store, parsed.GetValue(id) is { } text && SourceId.TryParse(text, out var given) ? given : null, parsed.GetValue(name), output, execution.Surroundings, ct))));
        return command;
    }

    private static async ValueTask<int> RunAsync(IObjectStore store, SourceId? id, string? name, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        await using var repository = await RepositoryLocation.OpenForWritingAsync(store, "repository repair-source", createIfMissing: false, surroundings.Time, ct);
        var record = await repository.RepairSourceAsync(id, name, ct);
        var catalog = await repository.ReadCatalogAsync(record, ct);
        output.Summarize(
            new RepositoryRepairSourceSummary(repository.Location, record.Name, record.Id.ToString(), catalog.Newest?.Transaction.Value, catalog.Newest?.Timeline.ToString(), ExitCode.Ok),
            CliJson.Default.RepositoryRepairSourceSummary,
            writer => writer.WriteLine(
                $"{repository.Location} has source '{record.Name}' again, id {record.Id}{(catalog.Newest is { } newest ? $", up to position {newest.Transaction} of timeline {newest.Timeline}" : "; nothing of it can be restored")}. 'verify' proves it."));
        return ExitCode.Ok;
    }
}
