using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Doctor;
using BackupSidecar.Store.GoogleDrive;
using BackupSidecar.Store.GoogleDrive.Credentials;
using BackupSidecar.Store.GoogleDrive.Doctor;
using BackupSidecar.Store.GoogleDrive.Traffic;

namespace BackupSidecar.Cli;

/// <summary><c>drive doctor</c>: what keeps backups from Google Drive, if anything does.</summary>
internal static class DriveDoctorCommand
{
    private const string Subject = "Google Drive";

    public static Command Create(CommandExecution execution)
    {
        var credential = CommonOptions.PathText("--credential", "FILE", "The file with the credential.", PathLength.Directory);
        var variable = CommonOptions.Text("--credential-variable", "NAME", "The environment variable with the credential.");
        var kind = CommonOptions.Choice("--kind", "What the credential is: JSON from 'drive login' or of a service account, or a bare token.", "json", "json", "refresh-token", "access-token");
        var client = CommonOptions.PathText("--client", "FILE", "The OAuth client that a refresh token belongs to.", PathLength.Directory);
        var subject = CommonOptions.Text("--subject", "EMAIL", "The user that a service account acts for.");
        var folder = CommonOptions.Text("--folder", "ID", "The folder of the repository.");
        var drive = CommonOptions.Text("--shared-drive", "ID", "The shared drive that the folder lies in.");
        var endpoint = DriveCommand.Endpoint();
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Look for what keeps backups from Google Drive: credential, clock, scope, storage, folder, rights. It uploads a small file to the folder and deletes it. Exit code 15 if something does.")
        {
            credential, variable, kind, client, subject, folder, drive, endpoint, json,
        };
        command.Validators.Add(Rules.AtMostOne(credential, variable));
        command.Validators.Add(result =>
        {
            if (result.GetResult(credential) is null && result.GetResult(variable) is null)
            {
                result.AddError("Name the credential with --credential or --credential-variable.");
            }
        });
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            var options = new DriveStoreOptions
            {
                FolderId = parsed.GetValue(folder) ?? "",
                SharedDriveId = parsed.GetValue(drive),
                Credential = new DriveCredentialOptions
                {
                    Kind = KindOf(parsed.GetValue(kind)),
                    File = parsed.GetValue(credential) is { } path ? Path.GetFullPath(path) : null,
                    Variable = parsed.GetValue(variable),
                    ClientFile = parsed.GetValue(client),
                    Subject = parsed.GetValue(subject),
                },
                StateDirectory = "",
                RootUri = parsed.GetValue(endpoint) is { } address ? new Uri(address) : DriveStoreOptions.GoogleRoot,

                // A person is waiting.
                Retry = new DriveRetryOptions { RetriesMax = 2, Patience = TimeSpan.FromSeconds(20) },
            };
            using var accounts = new DriveAccounts(execution.Surroundings.Time, execution.Surroundings.Variable);
            return Report(await new DriveDoctor(options, accounts, execution.Surroundings.Time).ExamineAsync(ct), output);
        }));
        return command;
    }

    private static DriveCredentialKind KindOf(string? text) => text switch
    {
        "refresh-token" => DriveCredentialKind.RefreshToken,
        "access-token" => DriveCredentialKind.AccessToken,
        _ => DriveCredentialKind.Json,
    };

    private static int Report(IReadOnlyList<DriveFinding> found, ICommandOutput output)
    {
        var findings = found.Select(finding => new DoctorFinding(finding.Check, Subject, SeverityOf(finding.Verdict), finding.Reason, finding.Hint)).ToList();
        var exitCode = findings.Exists(finding => finding.Severity == Severity.Unsafe) ? ExitCode.UnsafeEnvironment : ExitCode.Ok;
        output.Summarize(new DriveDoctorSummary(findings, exitCode), CliJson.Default.DriveDoctorSummary, writer => Write(writer, findings));
        return exitCode;
    }

    private static void Write(TextWriter writer, List<DoctorFinding> findings)
    {
        foreach (var finding in findings)
        {
            writer.WriteLine($"{(finding.Severity == Severity.Unsafe ? "WRONG" : finding.Severity.ToString().ToLowerInvariant()),-8} {finding.Check}: {finding.Reason}");
            if (finding.Hint is { } hint)
            {
                writer.WriteLine($"         hint: {hint}");
            }
        }

        var (wrong, warned) = (findings.Count(finding => finding.Severity == Severity.Unsafe), findings.Count(finding => finding.Severity == Severity.Warning));
        writer.WriteLine(wrong > 0 ? "WRONG: nothing can be stored there before that is mended." : $"Nothing is wrong; {HumanText.Count(warned, "warning")}.");
    }

    private static Severity SeverityOf(DriveVerdict verdict) => verdict switch
    {
        DriveVerdict.Ok => Severity.Ok,
        DriveVerdict.Warning => Severity.Warning,
        DriveVerdict.Wrong => Severity.Unsafe,
        DriveVerdict.Unspecified or _ => Severity.Unknown,
    };
}
