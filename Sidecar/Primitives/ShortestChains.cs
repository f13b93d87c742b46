namespace BackupSidecar.Primitives;

/// <summary>For every position, the packs that rebuild it: as few as possible, and none that is to be avoided where there is another way.</summary>
/// <remarks>
/// A pack leads to a larger transaction than it starts from. So packs that come in ascending order of the transactions they lead to are
/// each looked at once, and one that leads to a new largest transaction can be added at any time.
/// Packs are known by their places in a list of the caller's: there may be tens of thousands.
/// </remarks>
internal sealed class ShortestChains
{
    private readonly Dictionary<Position, Link> _links = [];

    /// <summary>All positions that can be rebuilt.</summary>
    public IEnumerable<Position> Positions => _links.Keys;

    /// <summary>True from the start for <see cref="Position.None"/>.</summary>
    public bool Reaches(Position position) => position.IsNone || _links.ContainsKey(position);

    /// <summary>Of two ways to one position with equally many packs the one whose last pack starts earliest is taken; of equals, the first that was added.</summary>
    /// <returns>False if nothing leads to where the pack starts: it is not used.</returns>
    public bool Add(int place, Position from, Position to, bool isAvoided)
    {
        var start = default(Link);
        if (!from.IsNone && !_links.TryGetValue(from, out start))
        {
            return false;
        }

        var link = new Link(place, from, start.Avoided + (isAvoided ? 1 : 0), start.Packs + 1);
        if (!_links.TryGetValue(to, out var current) || link.CompareTo(current) < 0)
        {
            _links[to] = link;
        }

        return true;
    }

    /// <summary>The last pack of the chain and where it starts.</summary>
    /// <exception cref="KeyNotFoundException">Nothing leads there.</exception>
    public (int Place, Position From) LastTo(Position position) => (_links[position].Place, _links[position].From);

    /// <summary>The whole chain, newest pack first.</summary>
    /// <exception cref="KeyNotFoundException">Nothing leads there.</exception>
    public IEnumerable<int> To(Position position)
    {
        while (!position.IsNone)
        {
            var link = _links[position];
            yield return link.Place;
            position = link.From;
        }
    }

    private readonly record struct Link(int Place, Position From, int Avoided, int Packs) : IComparable<Link>
    {
        public int CompareTo(Link other) =>
            (Avoided, Packs, From.Transaction.Value, From.Timeline.Value).CompareTo((other.Avoided, other.Packs, other.From.Transaction.Value, other.From.Timeline.Value));
    }
}
