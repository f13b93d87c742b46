using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A rule and how often it has been asked and has struck.</summary>
/// <param name="time">The clock of the line that calls share.</param>
internal sealed class ActiveRule(FaultRule rule, Random random, TimeProvider time)
{
    private readonly (Link Up, Link Down)? _shared = rule.Fault.Shared == true ? NewLine(rule.Fault, time) : null;
    private int _seen;

    public FaultRule Rule { get; } = rule;

    public int Hits { get; private set; }

    /// <summary>The line of a bandwidth, for one call: its own, or that of all.</summary>
    public (Link Up, Link Down) Line() => _shared ?? NewLine(Rule.Fault, time);

    /// <summary>Counts the call, if it is one of the rule's, and says whether the rule strikes.</summary>
    public bool Strikes_NeedsLock(Call call)
    {
        if (!Fits(call))
        {
            return false;
        }

        _seen++;
        var turn = _seen - Rule.Skip;
        if (turn < 1 || (turn - 1) % Rule.Every != 0 || Hits >= Rule.Count || (Rule.Probability < 1 && random.NextDouble() >= Rule.Probability))
        {
            return false;
        }

        Hits++;
        return true;
    }

    private static (Link Up, Link Down) NewLine(Fault fault, TimeProvider time) =>
        (new Link(fault.BytesPerSecond!.Value, time), new Link(fault.BytesPerSecond.Value, time));

    private bool Fits(Call call) =>
        Rule.Calls.Any(kind => kind.EndsWith('*') ? call.Route.Kind.StartsWith(kind[..^1], StringComparison.Ordinal) : call.Route.Kind == kind)
        && (Rule.Method is null || HttpMethods.Equals(Rule.Method, call.Request.Method))
        && (Rule.Path is null || (call.Request.Path.Value + Uri.UnescapeDataString(call.Request.QueryString.Value ?? "")).Contains(Rule.Path, StringComparison.Ordinal));
}
