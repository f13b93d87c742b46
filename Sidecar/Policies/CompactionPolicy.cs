using BackupSidecar.Primitives;

namespace BackupSidecar.Policies;

/// <summary>Decides what is merged and what is removed, so that every promised point stays and a restore reads few packs.</summary>
/// <remarks>
/// Promised: every position that a backup names, the newest of each timeline, every capture inside the window, and the last position of each span of a
/// level for as long as the level keeps it.
/// (1) The finest level with something to merge comes first; so each level merges what the one before it made. A span is merged once it is over.
/// (2) When nothing is left to merge, a full may be due: at the end of a span of the last level.
/// (3) When nothing is left at all: packs outside the window that no promised point's shortest chain uses are removed.
/// A merge begins and ends at positions that stay: it never skips one that a backup names, that another timeline starts from, or that a full leads to; and
/// never leaves its timeline, except that the first pack of a timeline starts on its parent. On one timeline the page size is one.
/// </remarks>
internal sealed class CompactionPolicy(CompactionPolicyOptions options)
{
    private const int IndexBufferMax = 1 << 20;
    private const int OpenPack = 8 << 10;

    /// <summary>Memory that a merge may need for an input of this length: an open file, and a piece of its index. Decoded blocks are bounded for all inputs together.</summary>
    public static long InputCost(long packLength) => Math.Min(packLength, IndexBufferMax) + OpenPack;

    public CompactionDecision Decide(CompactionState state)
    {
        var graph = CompactionGraph.Of(state);
        var merges = options.Levels.Select(level => MergesOf(graph, level)).FirstOrDefault(found => found.Count > 0) ?? FullOf(graph);
        return merges.Count > 0 ? new CompactionDecision(merges, [], IsHeldBack: false, state.Now) : DecideRemovals(graph);
    }

    /// <summary>True if neither a named position nor one that a lasting pack leads to needs a tombstoned pack.</summary>
    public static bool MaySweep(CompactionState state)
    {
        var lasting = CompactionGraph.ChainsOf(state, _ => true);
        var all = new ShortestChains();
        for (var i = 0; i < state.Packs.Count; i++)
        {
            _ = all.Add(i, state.Packs[i].From, state.Packs[i].To, isAvoided: false);
        }

        return state.Packs.Where(pack => !pack.IsTombstoned).Select(pack => pack.To)
            .Concat(state.Named)
            .All(position => lasting.Reaches(position) || !all.Reaches(position));
    }

    private List<CompactionMerge> MergesOf(CompactionGraph graph, CompactionLevel level)
    {
        var now = graph.State.Now;
        var merges = new List<CompactionMerge>();
        foreach (var group in graph.Timelines.SelectMany(timeline => graph.GroupsOf(timeline, level)))
        {
            // What is older than the level keeps its points goes into the next level at once.
            if (group.End - group.Start > 1 && group.IsClosed(now) && (level == options.Levels[^1] || now - group.SpanEnd <= level.KeepPoints))
            {
                merges.AddRange(InRounds(graph.State, PathThrough(graph, group)));
            }
        }

        return merges;
    }

    /// <summary>The fewest packs from the position before the group to its last one; empty if one pack does that or more.</summary>
    private static List<int> PathThrough(CompactionGraph graph, CompactionGraph.Group group)
    {
        var packs = graph.State.Packs;
        var start = group.Start > 0 ? group.Timeline[group.Start - 1].Position : graph.Chains.LastTo(group.Timeline[group.Start].Position).From;
        if (graph.PlacesInto(group.Last).Any(place => packs[place].From.Transaction <= start.Transaction))
        {
            return [];
        }

        var ways = new Dictionary<Position, (int Packs, int Place)> { [start] = (0, -1) };
        for (var i = group.Start; i < group.End; i++)
        {
            foreach (var place in graph.PlacesInto(group.Timeline[i]))
            {
                var pack = packs[place];
                if (ways.TryGetValue(pack.From, out var before) && (!ways.TryGetValue(pack.To, out var other) || before.Packs + 1 < other.Packs))
                {
                    ways[pack.To] = (before.Packs + 1, place);
                }
            }
        }

        var path = new List<int>();
        for (var at = group.Last.Position; at != start && ways.TryGetValue(at, out var way); at = packs[way.Place].From)
        {
            path.Add(way.Place);
        }

        path.Reverse();
        return path;
    }

    /// <summary>One merge, or several of neighbours where it would be too large; then the next decision merges what they give.</summary>
    private IEnumerable<CompactionMerge> InRounds(CompactionState state, List<int> path)
    {
        for (var done = 0; done < path.Count;)
        {
            var inputs = WithinLimits(state, path.Skip(done));
            done += inputs.Count;
            if (inputs.Count > 1 && !HasFailed(state, inputs))
            {
                yield return new CompactionMerge(inputs, IsFull: false);
            }
        }
    }

    private List<int> WithinLimits(CompactionState state, IEnumerable<int> path)
    {
        var taken = new List<int>();
        long cost = 0;
        foreach (var place in path)
        {
            cost += InputCost(state.Packs[place].Length);
            if (taken.Count >= 2 && (taken.Count >= options.InputsMax || cost > options.InputBytesMax))
            {
                break;
            }

            taken.Add(place);
        }

        return taken;
    }

    private List<CompactionMerge> FullOf(CompactionGraph graph)
    {
        if (NewestOf(graph) is not { } newest || EndOfLastSpan(graph, newest) is not { } end)
        {
            return [];
        }

        var packs = graph.State.Packs;
        var chain = graph.Chains.To(end).Reverse().ToList();
        var (full, changes) = (packs[chain[0]], chain.Skip(1).Select(place => packs[place]).ToList());
        var isDue = changes.Count > 0
            && (changes.Sum(pack => pack.Length) > full.Length || changes[^1].CapturedAt - full.CapturedAt >= options.FullAfter || changes.Count > options.FullAfterPacks);
        var inputs = WithinLimits(graph.State, chain);
        return isDue && !HasFailed(graph.State, inputs) ? [new CompactionMerge(inputs, IsFull: true)] : [];
    }

    private static bool HasFailed(CompactionState state, List<int> inputs) =>
        state.Failed.Count > 0 && state.Failed.Contains((state.Packs[inputs[0]].From, state.Packs[inputs[^1]].To));

    /// <summary>The last position on the newest chain that ends a span of the last level.</summary>
    private Position? EndOfLastSpan(CompactionGraph graph, Position newest)
    {
        var ends = graph.Timelines
            .SelectMany(timeline => graph.GroupsOf(timeline, options.Levels[^1]))
            .Where(group => group.SpanEnd <= graph.State.Now)
            .Select(group => group.Last.Position)
            .ToHashSet();
        return graph.Chains.To(newest).Select(place => (Position?)graph.State.Packs[place].To).FirstOrDefault(position => ends.Contains(position!.Value));
    }

    private CompactionDecision DecideRemovals(CompactionGraph graph)
    {
        var state = graph.State;
        var next = SpanEnds(graph).Where(end => end > state.Now).Cast<DateTimeOffset?>().Min();
        if (IsHeldBack(graph))
        {
            return new CompactionDecision([], [], IsHeldBack: true, next);
        }

        var promised = new List<Position>(state.Named);
        foreach (var timeline in graph.Timelines)
        {
            var kept = KeptUntil(graph, timeline);
            for (var i = 0; i < timeline.Count; i++)
            {
                if (kept[i] >= state.Now)
                {
                    promised.Add(timeline[i].Position);
                    next = kept[i] < DateTimeOffset.MaxValue ? Earlier(next, RoundUp(kept[i])) : next;
                }
            }
        }

        var used = UsedBy(graph, promised);
        var removals = Enumerable.Range(0, state.Packs.Count)
            .Where(place => !used.Contains(place) && graph.IsUsable(place) && state.Now - state.Packs[place].CapturedAt > options.Window)
            .ToList();
        EnsureReachable(state, removals, promised);
        return new CompactionDecision([], removals, IsHeldBack: false, next);
    }

    /// <summary>What is listed and cannot be rebuilt may still be brought back: then whatever it could build on stays.</summary>
    private static bool IsHeldBack(CompactionGraph graph)
    {
        var listed = graph.State.Packs.Where(pack => !pack.IsTombstoned).Select(pack => pack.To).Concat(graph.State.Named).ToList();
        var newest = listed.Select(position => position.Transaction).DefaultIfEmpty().Max();
        return graph.State.Named.Any(position => !graph.Chains.Reaches(position))
            || listed.Any(position => position.Transaction == newest && !graph.Chains.Reaches(position));
    }

    /// <summary>For each position of a timeline, until when it is promised. The last one always is.</summary>
    private DateTimeOffset[] KeptUntil(CompactionGraph graph, IReadOnlyList<CompactionGraph.Node> timeline)
    {
        var kept = timeline.Select(node => Later(node.CapturedAt, options.Window)).ToArray();
        foreach (var level in options.Levels)
        {
            foreach (var group in graph.GroupsOf(timeline, level))
            {
                var until = Later(group.Last.CapturedAt, level.KeepPoints);
                kept[group.End - 1] = until > kept[group.End - 1] ? until : kept[group.End - 1];
            }
        }

        kept[^1] = DateTimeOffset.MaxValue;
        return kept;
    }

    private static HashSet<int> UsedBy(CompactionGraph graph, IEnumerable<Position> promised)
    {
        var used = new HashSet<int>();
        foreach (var position in promised)
        {
            foreach (var place in graph.Chains.To(position))
            {
                // The rest of the chain was walked before.
                if (!used.Add(place))
                {
                    break;
                }
            }
        }

        return used;
    }

    private static void EnsureReachable(CompactionState state, List<int> removals, List<Position> promised)
    {
        var removed = removals.ToHashSet();
        var left = CompactionGraph.ChainsOf(state, place => !removed.Contains(place));
        if (promised.FirstOrDefault(position => !left.Reaches(position)) is { IsNone: false } lost)
        {
            throw new InvalidOperationException($"Compaction would have removed the way to {lost}. Nothing was removed.");
        }
    }

    /// <summary>The ends of spans in which something will be to merge.</summary>
    private IEnumerable<DateTimeOffset> SpanEnds(CompactionGraph graph) =>
        from level in options.Levels
        from timeline in graph.Timelines
        let last = graph.GroupsOf(timeline, level).Last()
        where last.End - last.Start > 1
        select last.SpanEnd;

    private static Position? NewestOf(CompactionGraph graph) =>
        graph.Timelines.Select(timeline => timeline[^1])
            .OrderBy(node => node.Position.Transaction)
            .ThenBy(node => node.CapturedAt)
            .ThenBy(node => node.Position.Timeline.Value)
            .Select(node => (Position?)node.Position)
            .LastOrDefault();

    /// <summary>Packs that leave the window one by one are looked at together.</summary>
    private DateTimeOffset RoundUp(DateTimeOffset time)
    {
        var span = options.Levels[0].Span.Ticks;
        return time.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - span ? time : new DateTimeOffset((time.UtcTicks / span * span) + span, TimeSpan.Zero);
    }

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one is { } first && first < other ? first : other;

    private static DateTimeOffset Later(DateTimeOffset time, TimeSpan span) =>
        span >= DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue : time + span;
}
