using BackupSidecar.DriveEmulator.Http;

namespace BackupSidecar.DriveEmulator.Faults;

/// <summary>What goes wrong, and when: rules that every call is held against, in their order.</summary>
/// <remarks>
/// Delays, bandwidths and short persists of all rules that strike act together; of the other faults the first one decides, and later rules do not count the call.
/// With one call at a time the same seed gives the same faults. Nothing of a script survives a restart.
/// </remarks>
public sealed class FaultScript
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private IReadOnlyList<ActiveRule> _rules = [];

    internal FaultScript(TimeProvider time) => _time = time;

    /// <summary>The rules and how often each has struck.</summary>
    public IReadOnlyList<(FaultRule Rule, int Hits)> Rules
    {
        get
        {
            lock (_lock)
            {
                return [.. _rules.Select(rule => (rule.Rule, rule.Hits))];
            }
        }
    }

    /// <summary>Replaces all rules.</summary>
    /// <exception cref="ArgumentException">A rule cannot be what it says; the old rules stay.</exception>
    public void Set(IReadOnlyList<FaultRule> rules, int seed)
    {
        foreach (var rule in rules)
        {
            rule.Validate();
        }

        lock (_lock)
        {
            _rules = [.. rules.Select((rule, index) => new ActiveRule(rule, new Random(seed + (index * 7919)), _time))];
        }
    }

    public void Clear() => Set([], seed: 0);

    internal async Task ActAsync(Call call, Func<Task> answer, CancellationToken ct)
    {
        var rules = Strike(call);
        if (rules.Count > 0)
        {
            call.FaultText = string.Join(", ", rules.Select(rule => rule.Rule.Name ?? rule.Rule.Fault.Kind.ToString()));
        }

        foreach (var shaping in rules.Where(rule => rule.Rule.Fault.IsShaping))
        {
            answer = Shaped(shaping, call, answer, ct);
        }

        await (rules.FirstOrDefault(rule => !rule.Rule.Fault.IsShaping)?.Rule.Fault is { } deciding ? FaultAction.RunAsync(deciding, call, answer, ct) : answer());
    }

    private List<ActiveRule> Strike(Call call)
    {
        lock (_lock)
        {
            var struck = new List<ActiveRule>();
            var isDecided = false;
            foreach (var rule in _rules)
            {
                if ((rule.Rule.Fault.IsShaping || !isDecided) && rule.Strikes_NeedsLock(call))
                {
                    struck.Add(rule);
                    isDecided |= !rule.Rule.Fault.IsShaping;
                }
            }

            return struck;
        }
    }

    private Func<Task> Shaped(ActiveRule rule, Call call, Func<Task> answer, CancellationToken ct)
    {
        var fault = rule.Rule.Fault;
        switch (fault.Kind)
        {
            case FaultKind.ShortPersist:
                call.PersistMax = fault.Bytes ?? 0;
                return answer;
            case FaultKind.Bandwidth:
                var (up, down) = rule.Line();
                call.Request.Body = new SlowStream(call.Request.Body, up);
                call.Response.Body = new SlowStream(call.Response.Body, down);
                return answer;
            default:
                return () => DelayedAsync(fault, call, answer, ct);
        }
    }

    private async Task DelayedAsync(Fault fault, Call call, Func<Task> answer, CancellationToken ct)
    {
        var wait = TimeSpan.FromMilliseconds(fault.Milliseconds!.Value);
        if (fault.When != FaultWhen.After)
        {
            await Task.Delay(wait, _time, ct);
            await answer();
            return;
        }

        var late = new LateStream(call.Response.Body, wait, _time);
        call.Response.Body = late;
        await answer();
        await late.WaitAsync(ct);
    }
}
