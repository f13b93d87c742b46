using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Store;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Cli;

/// <summary><c>repository add</c>: makes a repository, or finds the one that is there, and says what belongs into the configuration. It never edits the file.</summary>
internal static class RepositoryAddCommand
{
    private const string NameDefault = "remote";
    private const string FolderDefault = "backup-sidecar";

    public static Command Create(CommandExecution execution)
    {
        var path = CommonOptions.PathText("--path", "DIR", "A directory, such as one of a mounted share. An empty or new one becomes a repository.", PathLength.Directory);
        var drive = CommonOptions.Text("--drive", "NAME", "In place of it: make a folder of this name in Google Drive. To attach one that is there: --folder.");
        var choice = new DriveChoice();
        var name = CommonOptions.Text("--name", "NAME", "How status, log and commands are to name it. Default: the name of the directory or folder.");
        name.Validators.Add(Rules.Valid(text => SourceName.Validate(text, "a repository")));
        var json = CommonOptions.Json();
        var command = new Command("add", "Make a repository beside the local one, or attach one that is there, and print what belongs into the configuration of serve.") { path, drive, name, json };
        foreach (var option in choice.Options)
        {
            command.Add(option);
        }

        command.Validators.Add(Rules.AtMostOne(path, drive));
        command.Validators.Add(choice.AtMostOneCredential);
        command.Validators.Add(result =>
        {
            var isDirectory = result.GetResult(path) is { Implicit: false };
            if (isDirectory == (result.GetResult(drive) is { Implicit: false } || choice.IsGiven(result)))
            {
                result.AddError(isDirectory ? "--path excludes what belongs to Google Drive." : "Name a directory with --path, or a folder of Google Drive with --drive and --credential.");
            }
            else if (!isDirectory && !choice.HasCredential(result))
            {
                result.AddError("Google Drive needs --credential or --credential-variable: 'backup-sidecar drive login' makes one.");
            }
        });
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) => parsed.GetValue(path) is { } directory
            ? AddDirectoryAsync(Path.GetFullPath(directory), parsed.GetValue(name), output, execution.Surroundings, ct)
            : AddDriveAsync(choice.Of(parsed), parsed.GetValue(drive), parsed.GetValue(name), output, execution.Surroundings, ct)));
        return command;
    }

    private static ValueTask<int> AddDirectoryAsync(string path, string? name, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        RepositoryGround.EnsureInNoRepository(path);
        return AddAsync(RemoteOf(path, name), output, surroundings, ct);
    }

    private static RemoteOptions RemoteOf(string path, string? name) => new() { Name = name ?? NameOf(Path.GetFileName(Path.TrimEndingDirectorySeparator(path))), Path = path };

    private static async ValueTask<int> AddDriveAsync(DriveRemoteOptions drive, string? folderName, string? name, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        if (drive.Folder.Length == 0)
        {
            using var accounts = new DriveAccounts(surroundings.Time, surroundings.Variable);
            drive = drive with { Folder = await DriveFolder.CreateAsync(folderName ?? FolderDefault, drive.ToStore(stateDirectory: ""), accounts, surroundings.Time, ct) };
        }

        return await AddAsync(new RemoteOptions { Name = name ?? NameOf(folderName ?? ""), Drive = drive }, output, surroundings, ct);
    }

    private static async ValueTask<int> AddAsync(RemoteOptions remote, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        using var stores = RemoteStores.OfOneCommand(output.Warn, surroundings);
        var store = stores.Of(remote);
        var isNew = !await ExistsAsync(store, ct);
        await using var repository = await RepositoryLocation.OpenForWritingAsync(store, "repository add", createIfMissing: true, surroundings.Time, ct);
        var sources = await repository.ListSourceNamesAsync(ct);
        var exitCode = ExitCode.Ok;
        if (await repository.FindLostRecordsAsync(ct) is { Count: > 0 } lost)
        {
            output.Doubt(lost.ToFailure(repository.Location));
            exitCode = ExitCode.Partial;
        }

        var configuration = new JsonObject { ["remotes"] = new JsonArray(Describe(remote)) };
        output.Summarize(new RepositoryAddSummary(repository.Location, repository.Id.ToString(), isNew, sources, configuration, exitCode), CliJson.Default.RepositoryAddSummary, writer =>
        {
            writer.WriteLine(isNew
                ? $"Made a repository in {repository.Location}, id {repository.Id}."
                : $"There is a repository in {repository.Location}, id {repository.Id}, with {(sources.Count == 0 ? "no source yet" : HumanText.Count(sources.Count, "source"))}{(sources.Count == 0 ? "" : $": {string.Join(", ", sources)}")}.");
            writer.WriteLine("This belongs into the configuration of serve, which then feeds it from the local repository:");
            writer.WriteLine(configuration.ToJsonString(new JsonSerializerOptions { WriteIndented = true, TypeInfoResolver = CliJson.Default }));
        });
        return exitCode;
    }

    /// <summary>What is not the default.</summary>
    private static JsonObject Describe(RemoteOptions remote)
    {
        var described = new JsonObject { ["name"] = remote.Name };
        if (remote.Drive is not { } drive)
        {
            described["path"] = remote.Path;
            return described;
        }

        var folder = new JsonObject { ["folder"] = drive.Folder };
        foreach (var (key, value) in ((string, string?)[])
        [
            ("sharedDrive", drive.SharedDrive), ("credentialFile", drive.CredentialFile), ("credentialVariable", drive.CredentialVariable),
            ("credentialKind", drive.CredentialKind == DriveCredentialKind.Json ? null : drive.CredentialKind.ToString().ToLowerInvariant()), ("clientFile", drive.ClientFile), ("subject", drive.Subject),
            ("endpoint", drive.Endpoint == DriveStoreOptions.GoogleRoot ? null : drive.Endpoint.ToString()),
        ])
        {
            if (value is not null)
            {
                folder[key] = value;
            }
        }

        described["drive"] = folder;
        return described;
    }

    private static async ValueTask<bool> ExistsAsync(IObjectStore store, CancellationToken ct)
    {
        try
        {
            _ = await BackupRepository.OpenForReadingAsync(store, ct);
            return true;
        }
        catch (OperatorException e) when (e.Kind == FailureKind.RepositoryMissing)
        {
            return false;
        }
    }

    private static string NameOf(string text) => SourceName.IsValid(text) ? text : NameDefault;
}
