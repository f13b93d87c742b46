using System.CommandLine;
using BackupSidecar.Api;
using BackupSidecar.Cli.Documents;
using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Cli.Remote;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.Cli;

/// <summary><c>status</c>: how the running serve is getting on.</summary>
internal static class StatusCommand
{
    /// <summary>A serve that has not answered by then hangs.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    public static Command Create(CommandExecution execution)
    {
        var source = CommonOptions.Text("--source", "NAME", "This source alone.");
        var watch = new Option<bool>("--watch") { Description = "Show it again whenever it has changed, until serve ends or this command is interrupted." };
        return RemoteCommand.Make("status", "Show how the running serve is getting on with each database.", execution, [source, watch], (parsed, sidecar, output, ct) =>
        {
            var name = parsed.GetValue(source) ?? "";
            return parsed.GetValue(watch)
                ? WatchAsync(sidecar, name, output, execution.Surroundings, ct)
                : ShowAsync(sidecar, name, output, execution.Surroundings, ct);
        });
    }

    private static async ValueTask<int> ShowAsync(RemoteSidecar sidecar, string source, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        var response = await sidecar.CallAsync(
            (calls, options) => new StatusService.StatusServiceClient(calls).GetStatusAsync(new GetStatusRequest { Source = source }, options), AnswerMax, ct);
        var status = StatusMessages.FromMessage(response.Status);
        output.Summarize(new StatusSummary(status, ExitCode.Ok), CliJson.Default.StatusSummary, writer => StatusTable.Write(writer, status, surroundings));
        return ExitCode.Ok;
    }

    /// <summary>It ends as a failure: serve ends it, or whoever asked.</summary>
    private static async ValueTask<int> WatchAsync(RemoteSidecar sidecar, string source, ICommandOutput output, Surroundings surroundings, CancellationToken ct)
    {
        await sidecar.ReadAsync((calls, options) => new StatusService.StatusServiceClient(calls).WatchStatus(new WatchStatusRequest { Source = source }, options), Tell, ct);
        return ExitCode.Ok;

        void Tell(WatchStatusResponse response)
        {
            var status = StatusMessages.FromMessage(response.Status);
            output.Tell(new StatusLine(status), CliJson.Default.StatusLine, writer =>
            {
                writer.WriteLine(HumanText.Time(surroundings.Time.GetUtcNow(), surroundings.Time));
                StatusTable.Write(writer, status, surroundings);
                writer.WriteLine();
            });
        }
    }
}
