using System.CommandLine;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Cli;

/// <summary>A folder of Google Drive and the credential for it, as options of a command.</summary>
internal sealed class DriveChoice
{
    private readonly Option<string> _credential = CommonOptions.PathText("--credential", "FILE", "The file with the credential.", PathLength.Directory);
    private readonly Option<string> _variable = CommonOptions.Text("--credential-variable", "NAME", "The environment variable with the credential.");
    private readonly Option<string> _kind = KindOption();
    private readonly Option<string> _client = CommonOptions.PathText("--client", "FILE", "The OAuth client that a refresh token belongs to.", PathLength.Directory);
    private readonly Option<string> _subject = CommonOptions.Text("--subject", "EMAIL", "The user that a service account acts for.");
    private readonly Option<string> _folder = CommonOptions.Text("--folder", "ID", "The folder of the repository.");
    private readonly Option<string> _sharedDrive = CommonOptions.Text("--shared-drive", "ID", "The shared drive that the folder lies in.");
    private readonly Option<string> _endpoint = DriveCommand.Endpoint();

    public IReadOnlyList<Option> Options => [_credential, _variable, _kind, _client, _subject, _folder, _sharedDrive, _endpoint];

    public Action<System.CommandLine.Parsing.CommandResult> AtMostOneCredential => Rules.AtMostOne(_credential, _variable);

    public bool HasCredential(System.CommandLine.Parsing.CommandResult result) => result.GetResult(_credential) is not null || result.GetResult(_variable) is not null;

    public bool IsGiven(System.CommandLine.Parsing.CommandResult result) => Options.Any(option => result.GetResult(option) is { Implicit: false });

    public DriveRemoteOptions Of(ParseResult parsed) => new()
    {
        Folder = parsed.GetValue(_folder) ?? "",
        SharedDrive = parsed.GetValue(_sharedDrive),
        CredentialFile = parsed.GetValue(_credential) is { } path ? Path.GetFullPath(path) : null,
        CredentialVariable = parsed.GetValue(_variable),
        CredentialKind = KindOf(parsed.GetValue(_kind)),
        ClientFile = parsed.GetValue(_client) is { } client ? Path.GetFullPath(client) : null,
        Subject = parsed.GetValue(_subject),
        Endpoint = parsed.GetValue(_endpoint) is { } address ? new Uri(address) : DriveStoreOptions.GoogleRoot,
    };

    /// <summary>In the words of the configuration, and also in those of earlier programs.</summary>
    private static Option<string> KindOption()
    {
        var option = CommonOptions.Choice("--kind", "What the credential is: JSON from 'drive login' or of a service account, or a bare token.", "json", "json", "refreshtoken", "accesstoken");
        var rules = option.Validators.ToList();
        option.Validators.Clear();
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: "refresh-token" or "access-token" }])
            {
                rules.ForEach(rule => rule(result));
            }
        });
        return option;
    }

    private static DriveCredentialKind KindOf(string? text) => text switch
    {
        "refreshtoken" or "refresh-token" => DriveCredentialKind.RefreshToken,
        "accesstoken" or "access-token" => DriveCredentialKind.AccessToken,
        _ => DriveCredentialKind.Json,
    };
}
