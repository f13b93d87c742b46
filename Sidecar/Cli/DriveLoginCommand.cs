using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Store.GoogleDrive.Credentials;

namespace BackupSidecar.Cli;

/// <summary><c>drive login</c>: a person signs in, and a file stays that gives serve tokens from then on.</summary>
internal static class DriveLoginCommand
{
    private const string FileName = "google-drive.json";

    public static Command Create(CommandExecution execution)
    {
        var client = CommonOptions.PathText("--client", "FILE", "The OAuth client to sign in to: the JSON file from the Google Cloud console.", PathLength.Directory, isRequired: true);
        var credential = CommonOptions.PathText("--credential", "FILE", $"The file to write, readable by nobody else. Default: {FileName} in the state directory.", PathLength.Directory);
        var device = new Option<bool>("--device") { Description = "Show a code to type on any other device, for a host without a browser. The OAuth client must be of the type 'TVs and limited input devices'." };
        var port = new Option<int>("--port") { Description = "The port of 127.0.0.1 to which the browser comes back, for one that is forwarded. Default: a free one.", HelpName = "N", Arity = ArgumentArity.ExactlyOne };
        var json = CommonOptions.Json();
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !(ushort.TryParse(value, out var number) && number > 0))
            {
                result.AddError($"{result.Option.Name} is '{value}'; it can be 1 to 65535.");
            }
        });
        var command = new Command("login", "Sign in to Google Drive. It opens nothing: it prints the address to open. What is asked for is access to files that this program makes, and to nothing else.") { client, credential, device, port, json };
        command.Validators.Add(Rules.AtMostOne(device, port));
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(credential) ?? Path.Join(RepositoryLocation.StateDirectory(given: null, execution.Surroundings.Variable), FileName));
            using var login = new DriveLogin(OAuthClient.Read(parsed.GetValue(client)!), execution.Surroundings.Time);
            var document = parsed.GetValue(device)
                ? await login.ByDeviceAsync((address, code) => Tell(output, address, code), ct)
                : await login.ByBrowserAsync(parsed.GetValue(port), address => Tell(output, address.AbsoluteUri, code: null), ct);
            LoginFile.Write(path, document);
            output.Summarize(new DriveLoginSummary(path, ExitCode.Ok), CliJson.Default.DriveLoginSummary, writer =>
            {
                writer.WriteLine($"Signed in. The credential is in {path}; it is as good as a password for the files of this program.");
                writer.WriteLine($"'drive doctor --credential {path}' tries it.");
            });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static void Tell(ICommandOutput output, string address, string? code) => output.Tell(new DriveSignInLine(address, code), CliJson.Default.DriveSignInLine, writer =>
    {
        writer.WriteLine(code is null ? "Open this address in a browser on this host, and sign in there:" : $"Open this address on any device, and type the code {code} there:");
        writer.WriteLine($"  {address}");
    });
}
