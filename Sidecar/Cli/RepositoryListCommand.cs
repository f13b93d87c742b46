using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary><c>repository list</c>: which repositories there are, and whether they can be read.</summary>
internal static class RepositoryListCommand
{
    private static readonly string[] Headings = ["NAME", "ID", "SOURCES", "PLACE"];

    public static Command Create(CommandExecution execution)
    {
        var config = ConfiguredRepositories.Option();
        var json = CommonOptions.Json();
        var command = new Command("list", "Show the repositories of a configuration, the local one first, and whether they can be read.") { config, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) => ConfiguredRepositories.UseAsync(
            parsed.GetRequiredValue(config), output, execution.Surroundings, configured => RunAsync(configured, output, execution.Surroundings, ct))));
        return command;
    }

    private static async ValueTask<int> RunAsync(ConfiguredRepositories configured, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var repositories = new List<ListedRepository>();
        foreach (var repository in configured.All)
        {
            repositories.Add(await DescribeAsync(repository, ct));
        }

        var exitCode = repositories.Any(repository => repository.Problem is not null) ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(new RepositoryListSummary(repositories, exitCode), CliJson.Default.RepositoryListSummary, writer => Write(writer, repositories, surroundings));
        return exitCode;
    }

    private static async ValueTask<ListedRepository> DescribeAsync(ConfiguredRepository configured, CancellationToken ct)
    {
        try
        {
            var repository = await configured.OpenForReadingAsync(ct);
            return new ListedRepository(configured.Name, repository.Location, repository.Id.ToString(), await repository.ListSourceNamesAsync(ct), null, null);
        }
        catch (OperatorException e)
        {
            return new ListedRepository(configured.Name, configured.Place, null, [], e.Message, e.Hint);
        }
    }

    private static void Write(TextWriter writer, List<ListedRepository> repositories, Surroundings surroundings)
    {
        TextTable.Write(
            writer, Headings, [.. repositories.Select(repository => (string[])[repository.Name, repository.RepositoryId ?? "-", repository.Sources.Count == 0 ? "-" : string.Join(", ", repository.Sources), repository.Repository])],
            surroundings.IsOutTerminal);
        foreach (var repository in repositories.Where(repository => repository.Problem is not null))
        {
            writer.WriteLine($"PROBLEM: {repository.Name}: {repository.Problem}");
            writer.WriteLine($"  hint: {repository.Hint}");
        }
    }
}
