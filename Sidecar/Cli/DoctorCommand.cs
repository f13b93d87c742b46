using System.CommandLine;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Configuration;
using BackupSidecar.Hosting.Doctor;
using BackupSidecar.Hosting.Serve;

namespace BackupSidecar.Cli;

/// <summary><c>doctor</c>: what around the databases could make backups unsafe.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandExecution execution)
    {
        var database = new Option<string[]>("--database") { Description = "A SQLite database to look at; several may be given.", HelpName = "PATH", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
        var repository = CommonOptions.Text("--repository", "DIR", "The directory of the repository, or where it will be.");
        var state = CommonOptions.Text("--state", "DIR", "The state directory, or where it will be.");
        var config = CommonOptions.Config();
        var json = CommonOptions.Json();
        database.Validators.Add(Rules.NotEmpty);
        var command = new Command("doctor", "Look for what could make backups unsafe: mounts, owners, file systems, other replicators. Exit code 15 if something does.") { database, repository, state, config, json };
        command.Validators.Add(Rules.AtMostOne(config, database));
        command.Validators.Add(result =>
        {
            if (result.GetResult(database) is null && result.GetResult(config) is null)
            {
                result.AddError("Name a database with --database, or a configuration with --config.");
            }
        });
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, async (output, ct) =>
        {
            IReadOnlyList<DoctorDatabase> databases = [.. (parsed.GetValue(database) ?? []).Select(path => new DoctorDatabase(path, Assisted: null))];
            var (repositoryPath, statePath) = (parsed.GetValue(repository), parsed.GetValue(state));
            if (parsed.GetValue(config) is { } file)
            {
                if (ServeOptions.TryLoad(new ConfigurationSources { File = file, Variables = execution.Surroundings.Variables() }, output) is not { } loaded)
                {
                    return ExitCode.Failed;
                }

                databases = [.. new SourceDiscovery().Resolve(loaded.Options.Sources, output.Warn).Select(definition => new DoctorDatabase(definition.Path, definition.Mode == CaptureMode.Assist ? definition : null))];
                repositoryPath ??= loaded.Options.RepositoryPath;
                statePath ??= RepositoryLocation.StateDirectory(loaded.Options.StatePath, execution.Surroundings.Variable);
            }

            var request = new DoctorRequest(databases, repositoryPath, statePath, CoherenceProbeCommand.Start);
            return Report(await new DoctorRun(request, execution.Surroundings.Time).ExecuteAsync(ct), output);
        }));
        return command;
    }

    private static int Report(IReadOnlyList<DoctorFinding> findings, ICommandOutput output)
    {
        var exitCode = findings.Any(finding => finding.Severity == Severity.Unsafe) ? ExitCode.UnsafeEnvironment : ExitCode.Ok;
        output.Summarize(new DoctorSummary(findings, exitCode), CliJson.Default.DoctorSummary, writer => Write(writer, findings));
        return exitCode;
    }

    private static void Write(TextWriter writer, IReadOnlyList<DoctorFinding> findings)
    {
        foreach (var group in findings.GroupBy(finding => finding.Subject))
        {
            writer.WriteLine(group.Key);
            foreach (var finding in group)
            {
                writer.WriteLine($"  {Word(finding.Severity),-8} {finding.Check}: {finding.Reason}");
                if (finding.Hint is { } hint)
                {
                    writer.WriteLine($"           hint: {hint}");
                }
            }
        }

        var (wrong, warned) = (findings.Count(finding => finding.Severity == Severity.Unsafe), findings.Count(finding => finding.Severity == Severity.Warning));
        writer.WriteLine(wrong > 0 ? $"UNSAFE: {HumanText.Count(wrong, "finding")} must be mended before backups can be relied on." : $"Nothing unsafe was found; {HumanText.Count(warned, "warning")}.");
    }

    private static string Word(Severity severity) => severity == Severity.Unsafe ? "UNSAFE" : severity.ToString().ToLowerInvariant();
}
