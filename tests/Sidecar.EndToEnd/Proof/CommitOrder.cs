using BackupSidecar.Primitives;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>The number of commits that each position was found to hold. Within a timeline it never falls, and for a position it is always the same.</summary>
internal sealed class CommitOrder
{
    private readonly Dictionary<TimelineId, SortedList<TransactionId, long>> _timelines = [];

    public void Add(Position position, long commits)
    {
        if (!_timelines.TryGetValue(position.Timeline, out var known))
        {
            _timelines.Add(position.Timeline, known = []);
        }

        if (known.TryGetValue(position.Transaction, out var before) && before != commits)
        {
            throw new DivergenceException($"Position {position} held commit {before}, and now holds commit {commits}.");
        }

        known[position.Transaction] = commits;
        var place = known.IndexOfKey(position.Transaction);
        if ((place > 0 && known.GetValueAtIndex(place - 1) > commits) || (place + 1 < known.Count && known.GetValueAtIndex(place + 1) < commits))
        {
            throw new DivergenceException($"The commits of timeline {position.Timeline} are out of order: {string.Join(", ", known.Select(entry => $"{entry.Key} holds {entry.Value}"))}.");
        }
    }
}
