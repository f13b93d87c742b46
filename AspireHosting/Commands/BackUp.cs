using Aspire.Hosting.ApplicationModel;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.AspireHosting.Commands;

/// <summary>Keeps a backup of every database.</summary>
internal static class BackUp
{
    public static async Task<ExecuteCommandResult> RunAsync(OperatorCalls calls, SidecarLayout layout, ExecuteCommandContext context)
    {
        var backups = new BackupService.BackupServiceClient(calls.Invoker);
        List<string> lines = [];
        foreach (var database in layout.Databases)
        {
            var request = new CreateBackupRequest { Source = database.Name, Labels = { SidecarNames.BackupLabel } };
            var answer = await OperatorCalls.LastAsync(backups.CreateBackup(request, cancellationToken: context.CancellationToken), context.CancellationToken);
            lines.Add($"{database.Name}: backup {answer.Backup.BackupId} of position {answer.Backup.Position.Number}.");
        }

        return CommandResults.Success(string.Join(' ', lines));
    }
}
