using Aspire.Hosting.ApplicationModel;
using BackupSidecar.Contracts.V1;

namespace BackupSidecar.AspireHosting.Commands;

/// <summary>Proves what is stored, up to a restore that is made for the proof alone.</summary>
internal static class Verify
{
    /// <summary>The message would grow past any window; the sidecar's own command line shows all.</summary>
    private const int FindingsMax = 20;

    public static async Task<ExecuteCommandResult> RunAsync(OperatorCalls calls, SidecarLayout layout, ExecuteCommandContext context)
    {
        var backups = new BackupService.BackupServiceClient(calls.Invoker);
        var answer = await OperatorCalls.LastAsync(backups.VerifyBackup(new VerifyBackupRequest { Level = VerifyLevel.Drill }, cancellationToken: context.CancellationToken), context.CancellationToken);
        var report = answer.Report;
        var findings = string.Join('\n', report.Findings.Take(FindingsMax).Select(finding => $"{finding.Object}: {finding.Problem} {finding.Hint}"));
        return !report.Proved ? CommandResults.Failure($"Not proved: {report.FindingCount} findings.", findings)
            : CommandResults.Success($"Proved: {report.PositionCount} positions in {report.PackCount} packs, {report.ReadBytes} bytes read, {report.DrillCount} restored and checked.");
    }
}
