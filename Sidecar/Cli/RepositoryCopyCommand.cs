using System.CommandLine;
using BackupSidecar.Backup;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Compaction;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Sync;

namespace BackupSidecar.Cli;

/// <summary><c>repository copy</c>: what can be restored from one repository can afterwards be restored from another.</summary>
internal static class RepositoryCopyCommand
{
    public static Command Create(CommandExecution execution)
    {
        var from = new RepositoryChoice(CommonOptions.PathText("--from", "DIR", "The repository that is read.", PathLength.Directory));
        var to = CommonOptions.PathText("--to", "DIR", "The repository that is written; an empty or new directory becomes one.", PathLength.Directory, isRequired: true);
        var source = CommonOptions.Text("--source", "NAME", "Only this source. Default: all.");
        var points = new Option<bool>("--points") { Description = "Every restore point, and not only the newest position and the backups." };
        var json = CommonOptions.Json();
        var command = from.MakeCommand("copy", "Make what one repository can restore restorable from another: the newest position and all backups, and only what is not there.", sidecar: null, to, source, points, json);
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json, mayAbandon: true, (output, ct) =>
            from.ReadAsync(
                parsed, output, execution.Surroundings, given => RunAsync(given, parsed.GetRequiredValue(to), parsed.GetValue(source), parsed.GetValue(points), output, execution.Surroundings.Time, ct), ct)));
        return command;
    }

    private static async ValueTask<int> RunAsync(IRepositoryReader given, string to, string? source, bool everyPoint, ICommandOutput output, TimeProvider time, CancellationToken ct)
    {
        RepositoryGround.EnsureInNoRepository(to);
        var exitCode = ExitCode.Ok;
        List<string> names = [.. (source is null ? await SourceSearch.FindAllAsync(given, Doubt, ct) : [await given.FindSourceAsync(source, ct)]).Select(record => record.Name)];
        await using var target = await RepositoryLocation.OpenForWritingAsync(to, "repository copy", time, ct);
        var options = new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => SpoolFile.Create(Path.Join(Path.GetTempPath(), $"backup-sidecar-{Environment.ProcessId}.merge")) }, IsEveryPoint = everyPoint };
        var copied = new List<CopiedSource>();
        foreach (var name in names)
        {
            var result = await new SyncRun(given, target, options, time).ExecuteAsync(name, ct);
            if (result.Gap is { } gap)
            {
                Doubt(gap);
            }

            copied.Add(new CopiedSource(name, result.Position?.Transaction.Value, result.Position?.Timeline.ToString(), result.Packs, result.Bytes, result.Backups, result.Marks));
        }

        output.Summarize(new RepositoryCopySummary(given.Location, target.Location, copied, exitCode), CliJson.Default.RepositoryCopySummary, writer =>
        {
            foreach (var one in copied)
            {
                writer.WriteLine(one.Position is null
                    ? $"{one.Source}: nothing is stored of it."
                    : $"{one.Source}: position {one.Position} is restorable from {target.Location}; {HumanText.Count(one.Packs, "pack")} ({HumanText.Bytes(one.Bytes)}) and {HumanText.Count(one.Backups, "backup")} copied.");
            }
        });
        return exitCode;

        void Doubt(OperatorException doubt)
        {
            output.Doubt(doubt);
            exitCode = ExitCode.Partial;
        }
    }
}
