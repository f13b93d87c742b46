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
            _rules = [.. rules.Select((rule, index) => new ActiveRule(rule, new Random(seed + (index * 7919))))];
        }
    }

    public void Clear() => Set([], seed: 0);

    internal async Task ActAsync(Call call, Func<Task> answer, CancellationToken ct)
    {
        var faults = Strike(call);
        if (faults.Count > 0)
        {
            call.FaultText = string.Join(", ", faults.Select(rule => rule.Name ?? rule.Fault.Kind.ToString()));
        }

        foreach (var shaping in faults.Where(rule => rule.Fault.IsShaping))
        {
            answer = Shaped(shaping.Fault, call, answer, ct);
        }

        await (faults.FirstOrDefault(rule => !rule.Fault.IsShaping)?.Fault is { } deciding ? FaultAction.RunAsync(deciding, call, answer, ct) : answer());
    }

    private List<FaultRule> Strike(Call call)
    {
        lock (_lock)
        {
            var faults = new List<FaultRule>();
            var isDecided = false;
            foreach (var rule in _rules)
            {
                if ((rule.Rule.Fault.IsShaping || !isDecided) && rule.Strikes_NeedsLock(call))
                {
                    faults.Add(rule.Rule);
                    isDecided |= !rule.Rule.Fault.IsShaping;
                }
            }

            return faults;
        }
    }

    private Func<Task> Shaped(Fault fault, Call call, Func<Task> answer, CancellationToken ct)
    {
        switch (fault.Kind)
        {
            case FaultKind.ShortPersist:
                call.PersistMax = fault.Bytes ?? 0;
                return answer;
            case FaultKind.Bandwidth:
                call.Request.Body = new SlowStream(call.Request.Body, fault.BytesPerSecond!.Value, _time);
                call.Response.Body = new SlowStream(call.Response.Body, fault.BytesPerSecond!.Value, _time);
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
