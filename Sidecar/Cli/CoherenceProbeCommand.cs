using System.CommandLine;
using System.Diagnostics;
using BackupSidecar.Cli.Parsing;
using BackupSidecar.Hosting.Doctor;

namespace BackupSidecar.Cli;

/// <summary><c>coherence-probe</c>: the second process of <c>doctor</c>.</summary>
internal static class CoherenceProbeCommand
{
    private const string Name = "coherence-probe";

    public static Command Create(CommandExecution execution)
    {
        var database = CommonOptions.Database();
        var command = new Command(Name, "The second process of doctor.") { database };
        command.Hidden = true;
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json: null, mayAbandon: true, async (_, _) =>
        {
            await CoherenceProbe.AnswerAsync(parsed.GetRequiredValue(database), Console.In, execution.Surroundings.Out);
            return ExitCode.Ok;
        }));
        return command;
    }

    public static Process Start(string database)
    {
        string[] arguments = [Name, "--database", database];
        var program = Environment.ProcessPath!;

        // Started as "dotnet backup-sidecar.dll", the process is the runtime's.
        var start = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new ProcessStartInfo(program, [Path.Join(AppContext.BaseDirectory, $"{CommandLine.ProgramName}.dll"), .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return Process.Start(start)!;
    }
}
