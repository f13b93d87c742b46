using BackupSidecar.Cli.Output;

namespace BackupSidecar.Cli;

/// <summary>What a command line runs in: its streams, its clock, its variables. Tests give it others.</summary>
internal sealed record Surroundings
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>People are looking at standard output: tables may have lines.</summary>
    public required bool IsOutTerminal { get; init; }

    /// <summary>People are looking at standard error: progress may be drawn.</summary>
    public required bool IsErrorTerminal { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Null where the variable is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>All of them, for the configuration.</summary>
    public required Func<IReadOnlyDictionary<string, string>> Variables { get; init; }

    public static Surroundings OfProcess()
    {
        StandardStream.OccupyClosedDescriptors();
        return new Surroundings
        {
            Out = StandardStream.Out(),
            Error = StandardStream.Error(),
            IsOutTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            Time = TimeProvider.System,
            Variable = Environment.GetEnvironmentVariable,
            Variables = AllVariables,
        };
    }

    private static Dictionary<string, string> AllVariables() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)(entry.Value ?? ""), StringComparer.Ordinal);
}
