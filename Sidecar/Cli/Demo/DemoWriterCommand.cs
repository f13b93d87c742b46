using System.CommandLine;
using System.Globalization;
using BackupSidecar.Cli.Parsing;

namespace BackupSidecar.Cli.Demo;

/// <summary><c>demo-writer</c>: the application of the demonstration, in a process of its own. It says on standard output how much it has committed.</summary>
internal static class DemoWriterCommand
{
    public const string Name = "demo-writer";

    private const int TransfersPerBatch = 5;
    private static readonly TimeSpan BatchInterval = TimeSpan.FromMilliseconds(10);

    public static Command Create(CommandExecution execution)
    {
        var database = CommonOptions.Database();
        var command = new Command(Name, "The application of the demonstration.") { database };
        command.Hidden = true;
        command.SetAction((parsed, _) => execution.RunAsync(parsed, json: null, mayAbandon: true, (_, ct) =>
            RunAsync(parsed.GetRequiredValue(database), execution.Surroundings, ct)));
        return command;
    }

    /// <summary>Writes until its standard input ends, so that it never outlives whoever started it.</summary>
    private static async ValueTask<int> RunAsync(string path, Surroundings surroundings, CancellationToken ct)
    {
        using var connection = DemoDatabase.Open(path);
        DemoDatabase.Create(connection);
        var random = new Random();
        using var pace = new PeriodicTimer(BatchInterval, surroundings.Time);

        // The console's own asynchronous reads block.
        var inputEnd = Task.Run(Console.In.ReadToEnd, ct);
        for (var committed = 0L; !inputEnd.IsCompleted; await pace.WaitForNextTickAsync(ct))
        {
            for (var i = 0; i < TransfersPerBatch; i++)
            {
                DemoDatabase.Transfer(connection, random);
                committed++;
            }

            await surroundings.Out.WriteLineAsync(committed.ToString(CultureInfo.InvariantCulture));
        }

        return ExitCode.Ok;
    }
}
