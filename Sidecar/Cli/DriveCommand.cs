using System.CommandLine;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Store.GoogleDrive;

namespace BackupSidecar.Cli;

/// <summary><c>drive</c>: signing in to Google Drive, and what is wrong with the way to it.</summary>
internal static class DriveCommand
{
    public static Command Create(CommandExecution execution) => new("drive", "Sign in to Google Drive, and look at the way to it.")
    {
        DriveLoginCommand.Create(execution),
        DriveDoctorCommand.Create(execution),
    };

    /// <summary>Where Drive is asked: Google, or an emulator.</summary>
    public static Option<string> Endpoint()
    {
        var option = CommonOptions.Text("--endpoint", "URL", $"The root of the Drive API: that of an emulator on this host. Default: {DriveStoreOptions.GoogleRoot}.");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && !Uri.TryCreate(value, UriKind.Absolute, out _))
            {
                result.AddError($"{result.Option.Name} '{value}' is no address, such as http://127.0.0.1:8080/.");
            }
        });
        return option;
    }
}
