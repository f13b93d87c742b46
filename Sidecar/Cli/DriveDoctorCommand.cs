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
        var choice = new DriveChoice();
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Look for what keeps backups from Google Drive: credential, clock, scope, storage, folder, rights. It uploads a small file to the folder and deletes it. Exit code 15 if something does.")
        {
            json,
        };
        foreach (var option in choice.Options)
        {
            command.Add(option);
        }

        command.Validators.Add(choice.AtMostOneCredential);
        command.Validators.Add(result =>
        {
            if (!choice.HasCredential(result))
            {
                result.AddError("Name the credential with --credential or --credential-variable.");
            }
        });
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            // A person is waiting.
            var options = choice.Of(parsed).ToStore(stateDirectory: "") with { Retry = new DriveRetryOptions { RetriesMax = 2, Patience = TimeSpan.FromSeconds(20) } };
            using var accounts = new DriveAccounts(execution.Surroundings.Time, execution.Surroundings.Variable);
            return Report(await new DriveDoctor(options, accounts, execution.Surroundings.Time).ExamineAsync(ct), output);
        }));
        return command;
    }

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
