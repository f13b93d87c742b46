using BackupSidecar.Policies;
using BackupSidecar.Primitives;

namespace BackupSidecar.Tests.Policies;

/// <summary>Packs without contents, a clock, and a compaction that only does what the policy says.</summary>
internal sealed class PolicyBench(CompactionPolicyOptions? options = null)
{
    /// <summary>More levels than by default, and finer ones.</summary>
    public static readonly CompactionPolicyOptions FineLevels = new()
    {
        Levels =
        [
            new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(2)),
            new(TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
            new(TimeSpan.FromMinutes(10), TimeSpan.FromDays(2)),
            new(TimeSpan.FromHours(1), TimeSpan.FromDays(30)),
            new(TimeSpan.FromHours(6), TimeSpan.FromDays(60)),
            new(TimeSpan.FromDays(1), TimeSpan.MaxValue),
        ],
    };

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimelineId Line = new(0xC3);
    public static readonly TimelineId OtherLine = new(0xD4);

    private readonly CompactionPolicy _policy = new(options ?? FineLevels);
    private List<CompactionPack> _packs = [];

    public CompactionPolicyOptions Options { get; } = options ?? FineLevels;

    public DateTimeOffset Now { get; set; } = Noon;

    public HashSet<Position> Named { get; } = [];

    public IReadOnlyList<CompactionPack> Packs => _packs;

    /// <summary>Every position that was ever captured, with its time.</summary>
    public List<(Position Position, DateTimeOffset Time)> History { get; } = [];

    public static Position At(ulong transaction, TimelineId? timeline = null) =>
        transaction == 0 ? Position.None : new Position(timeline ?? Line, new TransactionId(transaction));

    public Position Capture(long length = 100) => Capture(History.Count == 0 ? Position.None : History[^1].Position, Line, length);

    public Position Capture(Position from, TimelineId timeline, long length = 100)
    {
        var to = new Position(timeline, new TransactionId((ulong)History.Count + 1));
        Add(from, to, length);
        History.Add((to, Now));
        return to;
    }

    public void Add(Position from, Position to, long length = 100) => Add(new CompactionPack(from, to, Now, length, IsTombstoned: false));

    public CompactionDecision Decide() => _policy.Decide(State());

    public CompactionState State() => new(_packs, Named, new HashSet<(Position, Position)>(), Now);

    /// <summary>Does what the policy says until there is nothing left, without grace.</summary>
    public CompactionDecision Compact()
    {
        while (true)
        {
            var decision = Decide();
            if (decision.Merges.Count == 0)
            {
                var removed = decision.Removals.ToHashSet();
                _packs = [.. _packs.Where((_, place) => !removed.Contains(place))];
                return decision;
            }

            foreach (var inputs in decision.Merges.Select(merge => merge.Inputs.Select(place => _packs[place]).ToList()).ToList())
            {
                Add(inputs[^1] with { From = inputs[0].From, Length = inputs[0].From.IsNone ? inputs[0].Length : Math.Min(inputs.Sum(pack => pack.Length), 3000) });
            }
        }
    }

    public void Tombstone(params int[] places)
    {
        foreach (var place in places)
        {
            _packs[place] = _packs[place] with { IsTombstoned = true };
        }
    }

    public int ChainLength(Position position) => CompactionGraph.ChainsOf(State(), _ => true).To(position).Count();

    public bool CanReach(Position position) => CompactionGraph.ChainsOf(State(), _ => true).Reaches(position);

    /// <summary>As "1-4": from and to of each merge or removal.</summary>
    public string Text(IEnumerable<int> places) =>
        string.Join(' ', places.Select(place => $"{_packs[place].From.Transaction}-{_packs[place].To.Transaction}"));

    private void Add(CompactionPack pack)
    {
        var at = _packs.FindLastIndex(other =>
            (other.To.Transaction.Value, other.To.Timeline.Value).CompareTo((pack.To.Transaction.Value, pack.To.Timeline.Value)) <= 0);
        _packs.Insert(at + 1, pack);
    }
}
