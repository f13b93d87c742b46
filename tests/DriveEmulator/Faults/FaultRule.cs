namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>Which calls meet a fault.</summary>
public sealed record FaultRule
{
    /// <summary>For the log. Default: the kind of the fault.</summary>
    public string? Name { get; init; }

    /// <summary>Kinds of calls, such as <c>files.get</c>; an asterisk at the end stands for any rest. Default: all calls of Drive and OAuth.</summary>
    public IReadOnlyList<string> Calls { get; init; } = ["*"];

    /// <summary>Only calls of this HTTP method. Default: any.</summary>
    public string? Method { get; init; }

    /// <summary>Only calls whose path and query hold this text. Default: any.</summary>
    public string? Path { get; init; }

    /// <summary>Calls of those that pass before the first one is met.</summary>
    public int Skip { get; init; }

    /// <summary>Of the calls after them, every so many-th is met; 1: each.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Of the calls that would be met, how many really are, by the script's seed.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Calls that are met at most. Default: no end.</summary>
    public int? Count { get; init; }

    public required Fault Fault { get; init; }

    /// <exception cref="ArgumentException">A member is out of range.</exception>
    internal void Validate()
    {
        if (Skip < 0 || Every < 1 || Count < 0 || Probability is not (>= 0 and <= 1) || Calls.Count == 0)
        {
            throw new ArgumentException("A rule has a skip of 0 or more, an every of 1 or more, a count of 0 or more, a probability from 0 to 1, and calls.");
        }

        Fault.Validate();
    }
}
