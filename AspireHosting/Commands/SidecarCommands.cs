using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Grpc.Core;

namespace BackupSidecar.AspireHosting.Commands;

/// <summary>What can be done with a sidecar in the dashboard. Each command is a call of the sidecar's own contract, which goes on if the app host ends.</summary>
internal static class SidecarCommands
{
    public static void AddTo<T>(IResourceBuilder<T> sidecar, SidecarLayout layout)
        where T : IBackupSidecarResource
    {
        if (layout.IsPublished)
        {
            return;
        }

        _ = sidecar
            .WithCommand(
                SidecarNames.BackUpCommand, "Back up now", context => RunAsync(context, layout, BackUp.RunAsync),
                new CommandOptions { Description = "Captures what is committed in every database and keeps it as a backup.", IconName = "Save", IsHighlighted = true, UpdateState = context => StateOf(context, layout) })
            .WithCommand(
                SidecarNames.VerifyCommand, "Verify", context => RunAsync(context, layout, Verify.RunAsync),
                new CommandOptions { Description = "Reads everything that is stored, restores the newest position of every database to a temporary place and checks it.", IconName = "ShieldCheckmark", UpdateState = context => StateOf(context, layout) })
            .WithCommand(
                SidecarNames.RestoreCommand, "Restore…", context => RunAsync(context, layout, StageRestore.RunAsync),
                new CommandOptions
                {
                    Description = "Prepares an earlier state of a database, which is put in place when the app starts again.",
                    ConfirmationMessage = "A restore replaces the database of an app when the app starts again, which an app with the client does at once. What was committed since the chosen state is not in it; the database from before is kept beside it. Choose a state?",
                    Arguments = StageRestore.Inputs(layout),
                    IconName = "History",
                    UpdateState = context => StateOf(context, layout),
                });
    }

    private static ResourceCommandState StateOf(UpdateCommandStateContext context, SidecarLayout layout) =>
        layout.OperatorSocket is not null && context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    private static async Task<ExecuteCommandResult> RunAsync(
        ExecuteCommandContext context, SidecarLayout layout, Func<OperatorCalls, SidecarLayout, ExecuteCommandContext, Task<ExecuteCommandResult>> run)
    {
        if (layout.OperatorSocket is not { } socket)
        {
            return CommandResults.Failure("The sockets of this sidecar lie on a volume, which this machine does not reach. Use WithDataDirectory in place of WithDataVolume, or 'backup-sidecar' in its container.");
        }

        using var calls = new OperatorCalls(socket);
        try
        {
            return await run(calls, layout, context);
        }
        catch (RpcException) when (context.CancellationToken.IsCancellationRequested)
        {
            return CommandResults.Canceled();
        }
        catch (RpcException e)
        {
            return CommandResults.Failure(OperatorCalls.Describe(e));
        }
    }
}
