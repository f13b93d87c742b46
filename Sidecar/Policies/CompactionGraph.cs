using BackupSidecar.Primitives;

namespace BackupSidecar.Policies;

/// <summary>The positions that lasting packs lead to, by timeline, with the packs into each.</summary>
internal sealed class CompactionGraph
{
    private readonly HashSet<Position> _boundaries;

    private CompactionGraph(CompactionState state, ShortestChains chains, IReadOnlyList<IReadOnlyList<Node>> timelines, HashSet<Position> boundaries)
    {
        State = state;
        Chains = chains;
        Timelines = timelines;
        _boundaries = boundaries;
    }

    public CompactionState State { get; }

    /// <summary>Over lasting packs only.</summary>
    public ShortestChains Chains { get; }

    /// <summary>Each in the order of its positions; only positions that can be rebuilt.</summary>
    public IReadOnlyList<IReadOnlyList<Node>> Timelines { get; }

    public static CompactionGraph Of(CompactionState state)
    {
        var chains = ChainsOf(state, _ => true);
        var timelines = new Dictionary<TimelineId, List<Node>>();
        var boundaries = new HashSet<Position>(state.Named);
        for (var i = 0; i < state.Packs.Count; i++)
        {
            var pack = state.Packs[i];
            if (pack.IsTombstoned || !chains.Reaches(pack.From))
            {
                continue;
            }

            if (!timelines.TryGetValue(pack.To.Timeline, out var nodes))
            {
                timelines.Add(pack.To.Timeline, nodes = []);
            }

            if (nodes.Count == 0 || nodes[^1].Position != pack.To)
            {
                nodes.Add(new Node(pack.To, pack.CapturedAt, i, 1));
            }
            else
            {
                var node = nodes[^1];
                nodes[^1] = node with { CapturedAt = pack.CapturedAt < node.CapturedAt ? pack.CapturedAt : node.CapturedAt, PlaceCount = i + 1 - node.FirstPlace };
            }

            // Another timeline starts from it, or a restore does: neither must be skipped.
            if (pack.IsFull || pack.From.Timeline != pack.To.Timeline)
            {
                _ = boundaries.Add(pack.IsFull ? pack.To : pack.From);
            }
        }

        return new CompactionGraph(state, chains, [.. timelines.Values], boundaries);
    }

    /// <summary>Chains over the lasting packs among those that <paramref name="isKept"/> names by place.</summary>
    public static ShortestChains ChainsOf(CompactionState state, Predicate<int> isKept)
    {
        var chains = new ShortestChains();
        for (var i = 0; i < state.Packs.Count; i++)
        {
            var pack = state.Packs[i];
            if (!pack.IsTombstoned && isKept(i))
            {
                _ = chains.Add(i, pack.From, pack.To, isAvoided: false);
            }
        }

        return chains;
    }

    /// <summary>True if the pack lasts, and where it starts can be rebuilt.</summary>
    public bool IsUsable(int place) => !State.Packs[place].IsTombstoned && Chains.Reaches(State.Packs[place].From);

    /// <summary>The usable packs that lead to a node.</summary>
    public IEnumerable<int> PlacesInto(Node node) => Enumerable.Range(node.FirstPlace, node.PlaceCount).Where(IsUsable);

    /// <summary>Runs of positions of a timeline whose captures fall into one span of the level, parted after every position that must not be skipped.</summary>
    public IEnumerable<Group> GroupsOf(IReadOnlyList<Node> timeline, CompactionLevel level)
    {
        var start = 0;
        for (var end = 1; end <= timeline.Count; end++)
        {
            if (end == timeline.Count
                || SpanOf(timeline[end], level) != SpanOf(timeline[start], level)
                || _boundaries.Contains(timeline[end - 1].Position))
            {
                yield return new Group(timeline, start, end, EndOf(SpanOf(timeline[start], level), level));
                start = end;
            }
        }
    }

    private static long SpanOf(Node node, CompactionLevel level) => node.CapturedAt.UtcTicks / level.Span.Ticks;

    private static DateTimeOffset EndOf(long span, CompactionLevel level) =>
        span >= (DateTimeOffset.MaxValue.UtcTicks / level.Span.Ticks) - 1 ? DateTimeOffset.MaxValue : new DateTimeOffset((span + 1) * level.Span.Ticks, TimeSpan.Zero);

    /// <summary>A position with the packs that lead to it: lasting ones among these places.</summary>
    internal readonly record struct Node(Position Position, DateTimeOffset CapturedAt, int FirstPlace, int PlaceCount);

    /// <summary>Nodes from <paramref name="Start"/> to before <paramref name="End"/>, and the end of their span.</summary>
    internal readonly record struct Group(IReadOnlyList<Node> Timeline, int Start, int End, DateTimeOffset SpanEnd)
    {
        public Node Last => Timeline[End - 1];

        /// <summary>No further capture comes into it, as far as the clock is right.</summary>
        public bool IsClosed(DateTimeOffset now) => SpanEnd <= now || (Last.CapturedAt > now && End < Timeline.Count);
    }
}
