using BackupSidecar.Primitives;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>Copies of the database by position, where it is known, and by its number of commits.</summary>
internal sealed class CopyShelf
{
    private readonly Dictionary<Position, string> _byPosition = [];
    private readonly Dictionary<long, string> _byCommits = [];

    public void Add(long commits, string copy) => _byCommits[commits] = copy;

    public void Add(Position position, string copy) => _byPosition[position] = copy;

    /// <summary>Those of which there is a copy for certain.</summary>
    public IEnumerable<Position> Positions => _byPosition.Keys;

    /// <summary>Of these commits there are from now on other states, too.</summary>
    public void ForgetCommits() => _byCommits.Clear();

    /// <summary>What the restored position must look like; null: not known.</summary>
    public string? Of(Position position, long commits) =>
        _byPosition.TryGetValue(position, out var copy) || _byCommits.TryGetValue(commits, out copy) ? copy : null;
}
