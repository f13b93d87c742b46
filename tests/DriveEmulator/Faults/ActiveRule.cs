using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>A rule and how often it has been asked and has struck.</summary>
internal sealed class ActiveRule(FaultRule rule, Random random)
{
    private int _seen;

    public FaultRule Rule { get; } = rule;

    public int Hits { get; private set; }

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

    private bool Fits(Call call) =>
        Rule.Calls.Any(kind => kind.EndsWith('*') ? call.Route.Kind.StartsWith(kind[..^1], StringComparison.Ordinal) : call.Route.Kind == kind)
        && (Rule.Method is null || HttpMethods.Equals(Rule.Method, call.Request.Method))
        && (Rule.Path is null || (call.Request.Path.Value + Uri.UnescapeDataString(call.Request.QueryString.Value ?? "")).Contains(Rule.Path, StringComparison.Ordinal));
}
