using BackupSidecar.Policies;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Sync;

/// <summary>How a remote repository gets the positions that it lacks: the fewest bytes, by names and lengths alone.</summary>
/// <remarks>
/// Packs of a path are merged into one, because what piled up between two runs costs a request each and holds pages that later ones replace. A large pack is passed on as it
/// is: merging it would write it once more to a local disk, and after a kill its upload could not go on.
/// Where no local pack leads on from anything that the remote has (a lost local repository, a long outage), the nearest way is by page hashes: the whole position is put together from
/// the local packs, and what the remote has already is left out.
/// </remarks>
internal static class SyncPlan
{
    /// <summary>Bytes of a pack that is not merged with others, and of all packs that are merged into one: what a merge takes of the local disk.</summary>
    public const long MergedBytesMax = 64L << 20;

    /// <summary>What a pack costs beside its bytes, so that of two paths with the same bytes the one with fewer packs is taken.</summary>
    private const long PackCost = 4096;

    /// <param name="local">What there is to give.</param>
    /// <param name="remote">What is there already.</param>
    /// <param name="wanted">Positions that are to be restorable there; those that already are, or that cannot be rebuilt here, take no step.</param>
    /// <param name="limits">Of one merge: its inputs and their memory.</param>
    public static IReadOnlyList<SyncStep> Of(SourceCatalog local, SourceCatalog remote, IEnumerable<Position> wanted, CompactionPolicyOptions limits)
    {
        var leadingTo = local.LastingPacks().ToLookup(pack => pack.Name.To);
        var known = new HashSet<Position>();
        var steps = new List<SyncStep>();
        foreach (var target in wanted.Where(local.CanReach).Distinct().OrderBy(position => position.Transaction).ThenBy(position => position.Timeline.Value))
        {
            if (!IsKnown(target))
            {
                steps.AddRange(StepsTo(target));
                _ = known.Add(target);
            }
        }

        return steps;

        bool IsKnown(Position position) => remote.CanReach(position) || known.Contains(position);

        IEnumerable<SyncStep> StepsTo(Position target)
        {
            if (PathTo(target, leadingTo, IsKnown) is { } path)
            {
                return Cut(path, limits);
            }

            var chain = local.ChainTo(target).NewestFirst.Reverse().ToList();
            return BaseFor(target) is { } start ? [new SyncStep(start, target, chain, IsCompared: true)] : Cut(chain, limits);
        }

        Position? BaseFor(Position target) => remote.Newest is { } newest && newest.Transaction < target.Transaction ? newest : null;
    }

    /// <summary>The steps to a position from nothing on.</summary>
    /// <param name="chain">Its local packs, oldest first.</param>
    /// <param name="limits">Of one merge.</param>
    public static IEnumerable<SyncStep> FromNothing(IReadOnlyList<PackEntry> chain, CompactionPolicyOptions limits) => Cut(chain, limits);

    /// <summary>The packs that lead from one position to another, oldest first, if one merge can read them all; null: there are none, or too many.</summary>
    /// <param name="local">Where they are.</param>
    /// <param name="from">None: from nothing.</param>
    /// <param name="to">Where they lead.</param>
    /// <param name="limits">Of one merge.</param>
    public static IReadOnlyList<PackEntry>? Between(SourceCatalog local, Position from, Position to, CompactionPolicyOptions limits)
    {
        var path = !local.CanReach(to) ? null
            : from.IsNone ? [.. local.ChainTo(to).NewestFirst.Reverse()]
            : PathTo(to, local.LastingPacks().ToLookup(pack => pack.Name.To), position => position == from);
        return path?.Count > 0 && path.Count <= limits.InputsMax && path.Sum(pack => CompactionPolicy.InputCost(pack.Length)) <= limits.InputBytesMax ? path : null;
    }

    /// <summary>The cheapest path from a known position; null: there is none.</summary>
    private static List<PackEntry>? PathTo(Position target, ILookup<Position, PackEntry> leadingTo, Func<Position, bool> isKnown)
    {
        // Every pack leads to a larger transaction than it starts from: in descending order each position is final when it is looked at.
        var queue = new PriorityQueue<Position, ulong>();
        var best = new Dictionary<Position, (long Cost, PackEntry Next)>();
        (Position Position, long Cost)? found = null;
        Relax(target, 0);
        while (queue.TryDequeue(out var position, out _))
        {
            var cost = best[position].Cost;
            if (isKnown(position))
            {
                found = found is { } other && other.Cost <= cost ? found : (position, cost);
            }
            else
            {
                Relax(position, cost);
            }
        }

        return found is { } start ? [.. PathFrom(start.Position)] : null;

        void Relax(Position position, long cost)
        {
            foreach (var pack in leadingTo[position].Where(pack => !pack.Name.IsFull))
            {
                var through = cost + pack.Length + PackCost;
                if (!best.TryGetValue(pack.Name.From, out var current))
                {
                    queue.Enqueue(pack.Name.From, ulong.MaxValue - pack.Name.From.Transaction.Value);
                }
                else if (current.Cost <= through)
                {
                    continue;
                }

                best[pack.Name.From] = (through, pack);
            }
        }

        IEnumerable<PackEntry> PathFrom(Position position)
        {
            while (position != target)
            {
                var pack = best[position].Next;
                yield return pack;
                position = pack.Name.To;
            }
        }
    }

    /// <summary>Runs of small packs become one step each, every large one a step of its own.</summary>
    private static IEnumerable<SyncStep> Cut(IReadOnlyList<PackEntry> path, CompactionPolicyOptions limits)
    {
        var run = new List<PackEntry>();
        var (bytes, memory) = (0L, 0L);
        foreach (var pack in path)
        {
            var cost = CompactionPolicy.InputCost(pack.Length);
            if (run.Count > 0 && (bytes + pack.Length > MergedBytesMax || memory + cost > limits.InputBytesMax || run.Count >= limits.InputsMax))
            {
                yield return StepOf(run);
                (run, bytes, memory) = ([], 0, 0);
            }

            run.Add(pack);
            (bytes, memory) = (bytes + pack.Length, memory + cost);
        }

        if (run.Count > 0)
        {
            yield return StepOf(run);
        }
    }

    private static SyncStep StepOf(List<PackEntry> run) => new(run[0].Name.From, run[^1].Name.To, run, IsCompared: false);
}
