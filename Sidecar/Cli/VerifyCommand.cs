using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Verify;
using VerifyFindingKind = BackupSidecar.Verify.VerifyFindingKind;
using VerifyLevel = BackupSidecar.Verify.VerifyLevel;

namespace BackupSidecar.Cli;

/// <summary><c>verify</c>: what the repository can restore, proved to a level.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandExecution execution)
    {
        var repository = new RepositoryChoice();
        var sidecar = SidecarAddress.Option();
        var source = CommonOptions.Text("--source", "NAME", "Only this source. Default: all.");
        var level = CommonOptions.Choice(
            "--level",
            "structure: names, manifests, indexes and links; data: also every stored byte; drill: also a restore to the temporary directory (TMPDIR), checked by SQLite.",
            "data",
            "structure",
            "data",
            "drill");
        var json = CommonOptions.Json();
        var command = repository.MakeCommand("verify", "Prove that what is stored can be restored.", sidecar, source, level, json);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
        {
            var options = new VerifyOptions
            {
                SourceName = parsed.GetValue(source),
                Level = Enum.Parse<VerifyLevel>(parsed.GetValue(level) ?? "data", ignoreCase: true),
                ScratchDirectory = Path.GetTempPath(),
            };
            return parsed.GetValue(sidecar) is { } address
                ? AskAsync(address, options, output, execution.Surroundings, ct)
                : repository.ReadAsync(parsed, output, execution.Surroundings, opened => RunAsync(opened, options, output, execution.Surroundings.Time, ct), ct);
        }));
        return command;
    }

    private static async ValueTask<int> RunAsync(IRepositoryReader repository, VerifyOptions options, ICommandOutput output, TimeProvider time, CancellationToken ct) =>
        Tell(await output.TrackAsync(progress => new VerifyRun(repository, options, time, progress).ExecuteAsync(ct)), repository.Location, output);

    /// <summary>A running serve does it, and goes on when this command is interrupted.</summary>
    private static async ValueTask<int> AskAsync(string address, VerifyOptions options, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        using var sidecar = SidecarAddress.Connect(address, surroundings);
        var request = new VerifyBackupRequest { Source = options.SourceName ?? "", Level = BackupMessages.ToMessage(options.Level) };
        VerifyReport? report = null;
        await output.TrackAsync(async progress =>
        {
            await sidecar.ReadAsync((calls, call) => new BackupService.BackupServiceClient(calls).VerifyBackup(request, call), response =>
            {
                report = response.Report;
                progress.Report(new ProgressReport(response.Step, response.DoneBytes, response.TotalBytes));
            }, ct);
            return true;
        });
        return Tell(BackupMessages.FromMessage(report!), $"the repository of serve at {address}", output);
    }

    private static int Tell(VerifyResult result, string location, ICommandOutput output)
    {
        // Nothing is wrong with what is stored where nothing is; but whoever relies on it has no backup.
        var exitCode = !result.IsProved ? result.IsDamaged ? ExitCode.VerificationFailed : ExitCode.Failed : result.Coverage.Positions == 0 ? ExitCode.Partial : ExitCode.Ok;
        output.Summarize(Summarize(result, location, exitCode), CliJson.Default.VerifySummary, writer => Write(writer, result, location));
        return exitCode;
    }

    private static VerifySummary Summarize(VerifyResult result, string location, int exitCode) => new()
    {
        ExitCode = exitCode,
        Proved = result.IsProved,
        Repository = location,
        Level = Name(result.Level),
        Sources = result.Coverage.Sources,
        Manifests = result.Coverage.Manifests,
        Packs = result.Coverage.Packs,
        Blocks = result.Coverage.Blocks,
        Pages = result.Coverage.Pages,
        BytesRead = result.Coverage.BytesRead,
        Positions = result.Coverage.Positions,
        FingerprintsProved = result.Coverage.FingerprintsProved,
        Drills = result.Coverage.Drills,
        Findings = [.. result.Findings.Select(finding => new FoundProblem(finding.Object, finding.Problem, finding.Hint, NameOf(finding.Kind), finding.Kind != VerifyFindingKind.Note))],
        DurationMs = (long)result.Duration.TotalMilliseconds,
    };

    private static void Write(TextWriter writer, VerifyResult result, string location)
    {
        var covered = result.Coverage;
        foreach (var finding in result.Findings)
        {
            var subject = finding.Problem.Contains(finding.Object, StringComparison.Ordinal) ? "" : $"{finding.Object}: ";
            writer.WriteLine($"{LabelOf(finding.Kind)}: {subject}{finding.Problem}");
            writer.WriteLine($"  hint: {finding.Hint}");
        }

        writer.WriteLine($"Verified {location} at level {Name(result.Level)} in {HumanText.Duration(result.Duration)}:");
        writer.WriteLine($"  {HumanText.Count(covered.Sources, "source")}, {HumanText.Count(covered.Manifests, "backup")}, {HumanText.Count(covered.Packs, "pack")}");
        writer.WriteLine($"  {HumanText.Count(covered.Positions, "position")} with an unbroken chain back to a full");
        writer.WriteLine($"  {HumanText.Count(covered.FingerprintsProved, "position")} whose page hashes add up to the fingerprint, the newest of each timeline");
        writer.WriteLine(result.Level >= VerifyLevel.Data
            ? $"  {HumanText.Count(covered.Pages, "page")} in {HumanText.Count(covered.Blocks, "block")}: {(result.IsProved ? "all " : "")}{HumanText.Bytes(covered.BytesRead)} read, decompressed and compared with the page hashes"
            : $"  {HumanText.Count(covered.Pages, "page")} in {HumanText.Count(covered.Blocks, "block")} are in the indexes; NOT READ: damage inside the blocks is not found at this level");
        writer.WriteLine(result.Level == VerifyLevel.Drill
            ? $"  {HumanText.Count(covered.Drills, "drill")} passed: the newest position of a source restored to a temporary place and checked by SQLite"
            : "  no drill: nothing was restored, and SQLite checked nothing");
        writer.WriteLine(Verdict(result));
    }

    private static string Verdict(VerifyResult result)
    {
        var damages = result.Findings.Count(finding => finding.Kind == VerifyFindingKind.Damage);
        if (damages > 0)
        {
            return $"FAILED: {HumanText.Count(damages, "problem")}; what is named above cannot be relied on.";
        }

        if (!result.IsProved)
        {
            return "NOT PROVED: no damage was found, but what is named above could not be checked.";
        }

        return result.Coverage.Positions == 0 ? "NOTHING TO RESTORE: no damage was found, but no backup is stored." : result.Level switch
        {
            VerifyLevel.Structure => "OK as far as structure goes. 'verify --level data' reads every byte.",
            VerifyLevel.Data => "OK: every stored byte is as it was written. 'verify --level drill' also restores.",
            _ => "OK: every stored byte is as it was written, and the newest position of each source restores.",
        };
    }

    private static string LabelOf(VerifyFindingKind kind) => kind switch
    {
        VerifyFindingKind.Note => "note",
        VerifyFindingKind.NotChecked => "NOT CHECKED",
        _ => "DAMAGE",
    };

    private static string NameOf(VerifyFindingKind kind) => kind switch
    {
        VerifyFindingKind.Note => "note",
        VerifyFindingKind.NotChecked => "not-checked",
        _ => "damage",
    };

    private static string Name(VerifyLevel level) => level.ToString().ToLowerInvariant();
}
