using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Cli;

/// <summary><c>sources</c>: whether a running serve follows a source.</summary>
internal static class SourcesCommand
{
    public static Command Create(CommandExecution execution) => new("sources", "Pause and resume the following of a database.") { Pause(execution), Resume(execution) };

    private static Command Pause(CommandExecution execution) => Make("pause", "Follow a source no more after a last capture, until it is resumed.", execution, async (source, sidecar, ct) =>
    {
        var response = await sidecar.CallAsync((calls, options) => new ConfigurationService.ConfigurationServiceClient(calls).PauseSourceAsync(new PauseSourceRequest { Source = source }, options), RemoteCommand.AnswerMax, ct);
        return ProtoTime.FromProto(response.PauseTime);
    });

    private static Command Resume(CommandExecution execution) => Make("resume", "Follow a paused source again.", execution, async (source, sidecar, ct) =>
    {
        _ = await sidecar.CallAsync((calls, options) => new ConfigurationService.ConfigurationServiceClient(calls).ResumeSourceAsync(new ResumeSourceRequest { Source = source }, options), RemoteCommand.AnswerMax, ct);
        return null;
    });

    private static Command Make(string name, string description, CommandExecution execution, Func<string, RemoteSidecar, CancellationToken, ValueTask<DateTimeOffset?>> call)
    {
        var source = RemoteCommand.Source();
        return RemoteCommand.Make(name, description, execution, [source], async (parsed, sidecar, output, ct) =>
        {
            var summary = new SourcesSummary(parsed.GetValue(source), await call(parsed.GetValue(source) ?? "", sidecar, ct), ExitCode.Ok);
            var what = summary.Source is { } given ? $"Source '{given}'" : "The source";
            output.Summarize(summary, CliJson.Default.SourcesSummary, writer => writer.WriteLine(
                summary.PausedAt is { } at ? $"{what} is paused since {HumanText.Time(at, execution.Surroundings.Time)}: what is committed is not stored until 'backup-sidecar sources resume'." : $"{what} is followed."));
            return ExitCode.Ok;
        });
    }
}
