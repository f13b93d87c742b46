using System.CommandLine;
using System.CommandLine.Parsing;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.FileSystem;

namespace BackupSidecar.Cli;

/// <summary>Which repository a command reads: a directory, or one that a configuration of serve names, wherever that is.</summary>
internal sealed class RepositoryChoice
{
    private readonly Option<string> _directory;
    private readonly Option<string> _config = CommonOptions.Config();
    private readonly Option<string> _name = NameOption();

    public RepositoryChoice()
        : this(CommonOptions.Repository(isRequired: false))
    {
    }

    /// <param name="directory">Names a directory; not required by itself.</param>
    public RepositoryChoice(Option<string> directory)
    {
        _directory = directory;
        _config.Description = $"In place of {directory.Name}: a configuration of serve, of whose repositories {_name.Name} names one, such as one in Google Drive.";
    }

    public static Option<string> NameOption() => CommonOptions.Text("--repository-name", "NAME", $"With --config: the repository of this name, or '{ConfiguredRepositories.Local}'.");

    /// <summary>A command that reads exactly one repository or, where it can, has a running serve do so.</summary>
    /// <param name="name">Of the command.</param>
    /// <param name="description">For its help.</param>
    /// <param name="sidecar">Null: a running serve cannot do it.</param>
    /// <param name="others">Its own options.</param>
    public Command MakeCommand(string name, string description, Option? sidecar, params IReadOnlyList<Option> others)
    {
        var command = new Command(name, description) { _directory, _config, _name };
        foreach (var option in sidecar is null ? others : [sidecar, .. others])
        {
            command.Add(option);
        }

        command.Validators.Add(Rules.AtMostOne(_directory, _config));
        command.Validators.Add(Rules.GoesWith(_name, _config));
        command.Validators.Add(result =>
        {
            var isByName = result.GetResult(_config) is { Implicit: false };
            if (sidecar is not null)
            {
                Rules.Or(sidecar, required: isByName ? [_config] : [_directory], optional: [])(result);
            }
            else if (!isByName && result.GetResult(_directory) is null or { Implicit: true })
            {
                result.AddError($"Option '{_directory.Name}' is required, or {_config.Name} with {_name.Name}.");
            }

            if (isByName && result.GetResult(_name) is null or { Implicit: true })
            {
                result.AddError($"{_config.Name} needs {_name.Name}: '{ConfiguredRepositories.Local}', or the name of one of its remotes.");
            }
        });
        return command;
    }

    /// <summary>Opens it for as long as the work takes.</summary>
    /// <returns>The exit code: that of the work, or of a configuration with problems, which were told.</returns>
    public async ValueTask<int> ReadAsync(ParseResult parsed, ICommandOutput output, Surroundings surroundings, Func<IRepositoryReader, ValueTask<int>> work, CancellationToken ct) =>
        parsed.GetValue(_config) is { } config
            ? await ConfiguredRepositories.UseAsync(config, output, surroundings, async configured => await work(await configured.Named(parsed.GetRequiredValue(_name)).OpenForReadingAsync(ct)))
            : await work(await RepositoryLocation.OpenForReadingAsync(parsed.GetRequiredValue(_directory), ct));

    /// <summary>The same of its store, for whoever writes there.</summary>
    public async ValueTask<int> UseStoreAsync(ParseResult parsed, ICommandOutput output, Surroundings surroundings, Func<IObjectStore, ValueTask<int>> work) =>
        parsed.GetValue(_config) is { } config
            ? await ConfiguredRepositories.UseAsync(config, output, surroundings, configured => work(configured.Named(parsed.GetRequiredValue(_name)).Store()))
            : await work(new FileSystemStore(parsed.GetRequiredValue(_directory)));
}
