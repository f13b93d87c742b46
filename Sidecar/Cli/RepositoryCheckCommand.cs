using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary><c>repository check</c>: whether a repository holds what the local one holds. It reads names; 'verify' reads what is stored.</summary>
internal static class RepositoryCheckCommand
{
    private static readonly string[] Headings = ["SOURCE", "LOCAL", "THERE", "IN STEP", "BACKUPS"];

    public static Command Create(CommandExecution execution)
    {
        var name = ConfiguredRepositories.NameArgument();
        var config = ConfiguredRepositories.Option();
        var json = CommonOptions.Json();
        var command = new Command("check", "Compare what can be restored from a repository with what can be restored from the local one, by names; 'verify' reads what is stored.") { name, config, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
            ConfiguredRepositories.UseAsync(parsed.GetRequiredValue(config), output, execution.Surroundings, configured => RunAsync(parsed.GetRequiredValue(name), configured, output, execution.Surroundings, ct))));
        return command;
    }

    private static async ValueTask<int> RunAsync(string name, ConfiguredRepositories configured, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var there = await configured.Named(name).OpenForReadingAsync(ct);
        var here = await configured.Named(ConfiguredRepositories.Local).OpenForReadingAsync(ct);
        var sources = new List<CheckedSource>();
        var isInDoubt = false;
        var hasOtherHistory = false;
        foreach (var repository in (IRepositoryReader[])[here, there])
        {
            if (await repository.FindLostRecordsAsync(ct) is { Count: > 0 } lost)
            {
                isInDoubt = true;
                output.Doubt(lost.ToFailure(repository.Location));
            }
        }

        foreach (var source in (await here.ListSourceNamesAsync(ct)).Union(await there.ListSourceNamesAsync(ct), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (local, remote) = (await here.TryReadCatalogAsync(source, ct), await there.TryReadCatalogAsync(source, ct));
            var other = remote is null ? null : local?.OtherHistoryIn(remote);
            hasOtherHistory |= other is not null;
            sources.Add(Compare(source, local, remote, isOtherHistory: other is not null));
            foreach (var doubt in remote is null ? [] : remote.Gaps().Concat(remote.Doubts).Concat(other is null ? (OperatorException[])[] : [other]))
            {
                isInDoubt = true;
                output.Doubt(doubt);
            }
        }

        var exitCode = isInDoubt || sources.Any(source => !source.InStep || source.MissingBackups > 0) ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(new RepositoryCheckSummary(name, there.Location, sources, exitCode), CliJson.Default.RepositoryCheckSummary, writer => Write(writer, name, WayThere(configured, name, hasOtherHistory), sources, surroundings));
        return exitCode;
    }

    /// <param name="source">Its name.</param>
    /// <param name="local">Null: it is not stored locally.</param>
    /// <param name="remote">Null: it is not stored there.</param>
    /// <param name="isOtherHistory">True: what stands there under the number of the newest local position is another position, whatever its name.</param>
    private static CheckedSource Compare(string source, SourceCatalog? local, SourceCatalog? remote, bool isOtherHistory)
    {
        var there = (remote?.LastingManifests() ?? []).Select(entry => entry.Name.Backup).ToHashSet();
        return new CheckedSource(
            source,
            local?.Newest?.Transaction.Value,
            local?.Newest?.Timeline.ToString(),
            remote?.Newest?.Transaction.Value,
            remote?.Newest?.Timeline.ToString(),
            local?.Newest is not { } newest || (!isOtherHistory && remote?.CanReach(newest) == true),
            there.Count,
            (local?.LastingManifests() ?? []).Count(entry => !there.Contains(entry.Name.Backup)),
            remote?.FencedObjects.Count ?? 0);
    }

    /// <summary>What brings there what is missing.</summary>
    private static string WayThere(ConfiguredRepositories configured, string name, bool hasOtherHistory) =>
        hasOtherHistory ? "It holds another history of a source, as said above: nothing more goes there, by serve or by 'repository copy', before that is settled."
        : configured.Options.Remotes.Any(remote => remote.Name == name && remote.Drive is not null) ? "Serve brings it there: where it runs, 'backup-sidecar status' tells what it waits for."
        : "Where serve runs, it brings it there, and 'backup-sidecar status' tells what it waits for; where it does not, 'repository copy' does.";

    private static string TextOf(ulong? position, string? timeline) => position is null ? "-" : $"{position} of timeline {timeline}";

    private static void Write(TextWriter writer, string name, string wayThere, List<CheckedSource> sources, Surroundings surroundings)
    {
        TextTable.Write(
            writer, Headings,
            [.. sources.Select(source => (string[])[source.Source, TextOf(source.LocalPosition, source.LocalTimeline), TextOf(source.Position, source.Timeline), source.InStep ? "yes" : "NO", source.MissingBackups == 0 ? $"{source.Backups}" : $"{source.Backups}, {source.MissingBackups} MISSING"])],
            surroundings.IsOutTerminal);
        if (sources.Sum(source => source.NotCounted) is > 0 and var notCounted)
        {
            writer.WriteLine($"{HumanText.Count(notCounted, "object")} of a sidecar that was taken over {(notCounted == 1 ? "is" : "are")} not counted: put there after the take-over, acknowledged by nobody, and never restored from.");
        }

        writer.WriteLine(sources.All(source => source.InStep && source.MissingBackups == 0)
            ? $"Repository '{name}' holds the newest local position and every backup of each source."
            : $"Repository '{name}' lacks something. {wayThere}");
    }
}
