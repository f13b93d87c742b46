using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;

namespace BackupSidecar.Cli;

/// <summary><c>repository take-over</c>: this sidecar writes to a repository from now on, and who did before may not any more.</summary>
internal static class RepositoryTakeOverCommand
{
    public static Command Create(CommandExecution execution)
    {
        var name = ConfiguredRepositories.NameArgument();
        var config = ConfiguredRepositories.Option();
        var json = CommonOptions.Json();
        var command = new Command("take-over", "Let the sidecar of this configuration write to a repository that another one wrote to. What that one puts there from now on is not acknowledged.") { name, config, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: false, (output, ct) =>
            ConfiguredRepositories.UseAsync(parsed.GetRequiredValue(config), output, execution.Surroundings, configured => RunAsync(parsed.GetRequiredValue(name), configured, output, execution.Surroundings, ct))));
        return command;
    }

    private static async ValueTask<int> RunAsync(string name, ConfiguredRepositories configured, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var store = configured.Named(name).Store();
        if (name == ConfiguredRepositories.Local || store is not ILeaseStore leases)
        {
            throw new OperatorException(FailureKind.Failed, "The local repository has no lease: its lock ends with the process that holds it.", "Stop the other process.");
        }

        var repository = await BackupRepository.OpenForReadingAsync(store, ct);
        var former = await WriterLease.FindHolderAsync(leases, repository.Id, store.Location, ct);
        var state = Path.GetFullPath(RepositoryLocation.StateDirectory(configured.Options.StatePath, surroundings.Variable));
        _ = Directory.CreateDirectory(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var me = ServeCommand.InstanceOf(configured.Options, state, surroundings.Time);
        var lease = await WriterLease.TakeAsync(leases, store, repository.Id, me, takeOver: true, ct);
        output.Summarize(new RepositoryTakeOverSummary(name, store.Location, lease.Number, me.Instance, former?.Instance, former?.Host, ExitCode.Ok), CliJson.Default.RepositoryTakeOverSummary, writer =>
            writer.WriteLine(former is null
                ? $"Nobody had written to {store.Location}; {me} may, by lease {lease.Number}."
                : $"{me} may write to {store.Location}, by lease {lease.Number}. Before it was {former}, since {HumanText.Time(former.TakenAt, surroundings.Time)}."));
        return ExitCode.Ok;
    }
}
