using System.Text;
using BackupSidecar.Cli;
using Microsoft.Extensions.Time.Testing;

namespace BackupSidecar.Tests.Cli;

/// <summary>Runs command lines in this process, with streams, clock and variables of its own.</summary>
internal sealed class CommandLineBench
{
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();

    public CommandLineBench() => Surroundings = new Surroundings
    {
        Out = new StringWriter(_out),
        Error = new StringWriter(_error),
        IsOutTerminal = false,
        IsErrorTerminal = false,
        Time = Time,
        Variable = name => Variables.GetValueOrDefault(name),
        Variables = () => Variables,
    };

    public Surroundings Surroundings { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public Dictionary<string, string> Variables { get; } = [];

    public string Out => _out.ToString();

    public string[] OutLines => Lines(Out);

    public string[] ErrorLines => Lines(_error.ToString());

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, Surroundings);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
