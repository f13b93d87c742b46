using System.CommandLine;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Cli;

/// <summary>The repositories that a configuration names, the local one first.</summary>
internal sealed class ConfiguredRepositories : IDisposable
{
    public const string Local = RemotesReader.LocalName;

    private readonly RemoteStores _stores;

    private ConfiguredRepositories(SidecarOptions options, RemoteStores stores)
    {
        Options = options;
        _stores = stores;
        All =
        [
            new ConfiguredRepository(Local, options.RepositoryPath, () => new FileSystemStore(options.RepositoryPath)),
            .. options.Remotes.Select(remote => new ConfiguredRepository(remote.Name, remote.Place, () => stores.Of(remote))),
        ];
    }

    public SidecarOptions Options { get; }

    public IReadOnlyList<ConfiguredRepository> All { get; }

    public static Option<string> Option()
    {
        var config = CommonOptions.Config();
        config.Required = true;
        return config;
    }

    public static Argument<string> NameArgument() => new("NAME") { Description = "Of the repository, as the configuration names it.", Arity = ArgumentArity.ExactlyOne };

    /// <summary>They are there for as long as the work takes.</summary>
    /// <returns>The exit code: that of the work, or of a configuration with problems, which were told.</returns>
    public static async ValueTask<int> UseAsync(string file, ICommandOutput output, Surroundings surroundings, Func<ConfiguredRepositories, ValueTask<int>> work)
    {
        if (ServeOptions.TryLoad(new ConfigurationSources { File = file, Variables = surroundings.Variables() }, output) is not { Options: var options })
        {
            return ExitCode.Failed;
        }

        using var configured = new ConfiguredRepositories(options, RemoteStores.OfOneCommand(output.Warn, surroundings));
        return await work(configured);
    }

    /// <exception cref="OperatorException">No repository has that name.</exception>
    public ConfiguredRepository Named(string name) => All.FirstOrDefault(repository => repository.Name == name) ?? throw new OperatorException(
        FailureKind.Failed, $"The configuration has no repository '{name}'.", $"It has: {string.Join(", ", All.Select(repository => repository.Name))}.");

    /// <summary>Whether the app of that source may begin with an empty database.</summary>
    /// <param name="source">Its name; null: it is not named, and so nothing is said of it.</param>
    public bool StartsEmpty(string? source) =>
        source is not null && Options.Sources.Any(one => one is { StartEmpty: true, Path: { } path } && (one.Name ?? SourceName.FromFile(path)) == source);

    public void Dispose() => _stores.Dispose();
}
