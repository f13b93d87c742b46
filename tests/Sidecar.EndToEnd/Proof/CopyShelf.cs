using BackupSidecar.Primitives;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>Copies of the database by position, where it is known, and by its number of commits.</summary>
internal sealed class CopyShelf
{
    private readonly Dictionary<Position, string> _byPosition = [];
    private readonly Dictionary<long, string> _byCommits = [];
    private TransactionId _foundByCommitsAfter;

    public void Add(long commits, string copy) => _byCommits[commits] = copy;

    public void Add(Position position, string copy) => _byPosition[position] = copy;

    /// <summary>Those of which there is a copy for certain.</summary>
    public IEnumerable<Position> Positions => _byPosition.Keys;

    /// <summary>Of these commits there are from now on other states, too: what was captured up to this position is no longer found by them.</summary>
    public void ForgetCommits(Position newest)
    {
        _byCommits.Clear();
        _foundByCommitsAfter = newest.Transaction;
    }

    /// <summary>What the restored position must look like; null: not known.</summary>
    public string? Of(Position position, long commits) =>
        _byPosition.TryGetValue(position, out var copy) || (position.Transaction > _foundByCommitsAfter && _byCommits.TryGetValue(commits, out copy)) ? copy : null;
}
