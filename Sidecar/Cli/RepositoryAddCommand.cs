using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Cli;

/// <summary><c>repository add</c>: makes a repository, or finds the one that is there, and says what belongs into the configuration. It never edits the file.</summary>
internal static class RepositoryAddCommand
{
    private const string NameDefault = "remote";

    public static Command Create(CommandExecution execution)
    {
        var path = CommonOptions.PathText("--path", "DIR", "A directory, such as one of a mounted share. An empty or new one becomes a repository.", PathLength.Directory, isRequired: true);
        var name = CommonOptions.Text("--name", "NAME", "How status, log and commands are to name it. Default: the name of the directory.");
        name.Validators.Add(Rules.Valid(text => SourceName.Validate(text)));
        var json = CommonOptions.Json();
        var command = new Command("add", "Make a repository beside the local one, or attach one that is there, and print what belongs into the configuration of serve.") { path, name, json };
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
            RunAsync(Path.GetFullPath(parsed.GetRequiredValue(path)), parsed.GetValue(name), output, execution.Surroundings.Time, ct)));
        return command;
    }

    private static async ValueTask<int> RunAsync(string path, string? name, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        var isNew = !await ExistsAsync(path, ct);
        await using var repository = await RepositoryLocation.OpenForWritingAsync(path, "repository add", time, ct);
        var sources = await repository.ListSourceNamesAsync(ct);
        var configuration = new JsonObject { ["remotes"] = new JsonArray(new JsonObject { ["name"] = name ?? NameOf(path), ["path"] = path }) };
        output.Summarize(new RepositoryAddSummary(repository.Location, repository.Id.ToString(), isNew, sources, configuration, ExitCode.Ok), CliJson.Default.RepositoryAddSummary, writer =>
        {
            writer.WriteLine(isNew
                ? $"Made a repository in {repository.Location}, id {repository.Id}."
                : $"There is a repository in {repository.Location}, id {repository.Id}, with {(sources.Count == 0 ? "no source yet" : HumanText.Count(sources.Count, "source"))}{(sources.Count == 0 ? "" : $": {string.Join(", ", sources)}")}.");
            writer.WriteLine("This belongs into the configuration of serve, which then feeds it from the local repository:");
            writer.WriteLine(configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true, TypeInfoResolver = CliJson.Default }));
        });
        return ExitCode.Ok;
    }

    private static async ValueTask<bool> ExistsAsync(string path, CancellationToken ct)
    {
        try
        {
            _ = await RepositoryLocation.OpenForReadingAsync(path, ct);
            return true;
        }
        catch (OperatorException e) when (e.Kind == FailureKind.RepositoryMissing)
        {
            return false;
        }
    }

    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) is var name && SourceName.IsValid(name) ? name : NameDefault;
}
