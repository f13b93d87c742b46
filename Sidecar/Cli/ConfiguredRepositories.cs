using System.CommandLine;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli;

/// <summary>The repositories that a configuration names, the local one first.</summary>
internal static class ConfiguredRepositories
{
    public const string Local = "local";

    public static Option<string> Option()
    {
        var config = CommonOptions.Config();
        config.Required = true;
        return config;
    }

    /// <returns>Names and places; null: the configuration has problems, which were told.</returns>
    public static IReadOnlyList<(string Name, string Path)>? TryRead(string file, ICommandOutput output, Surroundings surroundings) =>
        ServeOptions.TryLoad(new ConfigurationSources { File = file, Variables = surroundings.Variables() }, output) is { Options: var options }
            ? [(Local, options.RepositoryPath), .. options.Remotes.Select(remote => (remote.Name, remote.Path))]
            : null;

    /// <exception cref="OperatorException">No repository has that name.</exception>
    public static (string Name, string Path) Named(this IReadOnlyList<(string Name, string Path)> repositories, string name) =>
        repositories.FirstOrDefault(repository => repository.Name == name) is { Path: not null } found ? found : throw new OperatorException(
            FailureKind.Failed, $"The configuration has no repository '{name}'.", $"It has: {string.Join(", ", repositories.Select(repository => repository.Name))}.");
}
