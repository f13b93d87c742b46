using BackupSidecar.Primitives;
using BackupSidecar.Testing;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>What is known of one database that a sidecar follows, held against what its repository gives.</summary>
/// <remarks>
/// Known are plain copies of states at rest, and the content of commits that the application itself has looked at while it wrote. Every restored position is
/// judged: it passes integrity_check, its rows and its index add up to its counters, and its number of commits is in order with all other positions.
/// </remarks>
internal sealed class FollowedDatabase(string path, FollowedRepository repository, Random random, ScratchVolume volume, CancellationToken ct) : IAsyncDisposable
{
    /// <summary>Far above what catching up takes on a busy machine; a sidecar that had no room tries again after a minute at most.</summary>
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(100);

    /// <summary>Within the window in which compaction keeps every capture, an hour.</summary>
    private static readonly TimeSpan KeptForCertain = TimeSpan.FromMinutes(50);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(4);

    private readonly CopyShelf _copies = new();
    private readonly CommitOrder _order = new();
    private readonly Dictionary<long, string> _contents = [];
    private int _files;

    public string Path => path;

    public FollowedRepository Repository => repository;

    /// <summary>Opens no database of the application: it looks at files, and checks copies.</summary>
    public WriterProcess Outside { get; } = WriterProcess.Start();

    /// <summary>Restored positions that were held against a copy or a content of the same commit.</summary>
    public int Compared { get; private set; }

    /// <summary>The database file and its log as they are now, beside each other under another name: an older copy for later.</summary>
    public async Task<string> CopyAsync()
    {
        var copy = NewPath("copy.db");
        await Outside.MergeAsync(path, copy);
        return copy;
    }

    /// <summary>From now on commits of the same numbers may hold something else: an older file was put back, or commits are lost.</summary>
    public void ForgetCommits()
    {
        ForgetPages();
        _contents.Clear();
    }

    /// <summary>From now on the same rows may stand in other pages: a vacuum.</summary>
    public void ForgetPages() => _copies.ForgetCommits(Repository.Newest());

    /// <summary>What the application has seen in one read transaction.</summary>
    public void Add(CommittedContent seen) => _contents[seen.Commits] = seen.Hash;

    /// <summary>Keeps a copy of the present commit, for whichever position turns out to hold it. The application must be at rest.</summary>
    public async Task ShelveAsync()
    {
        var copy = await CopyAsync();
        _copies.Add((await JudgeAsync(copy)).Commits, copy);
    }

    /// <summary>Returns when the newest restore is the database as it is now, byte for byte. The application must be at rest.</summary>
    public async Task<Position> CaughtUpAsync(SidecarProcess sidecar)
    {
        var copy = await CopyAsync();
        var (commits, _) = await JudgeAsync(copy);
        _copies.Add(commits, copy);
        var begun = TimeProvider.System.GetTimestamp();
        var judged = Position.None;
        string? difference = "nothing was captured yet";
        do
        {
            if (sidecar.HasExited)
            {
                throw new DivergenceException($"The sidecar ended while it should have caught up with commit {commits}: {await sidecar.WaitForExitAsync(ct)}");
            }

            var newest = Repository.Newest();
            if (newest == judged)
            {
                await Task.Delay(LookPeriod, TimeProvider.System, ct);
                continue;
            }

            var restored = NewPath("restored.db");
            judged = await Repository.RestoreAsync(position: null, restored, ct);
            difference = await Outside.DifferenceAsync(copy, restored);
            _order.Add(judged, difference is null ? commits : (await JudgeAsync(restored)).Commits);
            File.Delete(restored);
            if (difference is null)
            {
                _copies.Add(judged, copy);
                return judged;
            }
        }
        while (TimeProvider.System.GetElapsedTime(begun) < CatchUpMax);

        throw new DivergenceException($"Waited {CatchUpMax.TotalSeconds} s for a restore point of commit {commits}. The newest is {judged}: {difference} {sidecar}");
    }

    /// <summary>Returns when a restore point holds this commit of an application that goes on meanwhile; every newest one on the way is judged.</summary>
    public async Task ReachedAsync(long commits, SidecarProcess sidecar)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var reached = 0L;
        for (var judged = Position.None; reached < commits;)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > CatchUpMax)
            {
                throw new DivergenceException($"Waited {CatchUpMax.TotalSeconds} s for a restore point with commit {commits} of {path}. The newest, {judged}, holds commit {reached}. {sidecar}");
            }

            if (Repository.Newest() is var newest && newest != judged)
            {
                reached = await AssertPointAsync(judged = newest);
            }
            else
            {
                await Task.Delay(LookPeriod, TimeProvider.System, ct);
            }
        }
    }

    /// <summary>Restores positions at random, some of which were copied when they were the newest; each is one committed state, in the order of commits, and what is known of its position or commit.</summary>
    public async Task AssertEarlierPointsAsync(int count)
    {
        var sinceWhen = TimeProvider.System.GetUtcNow() - KeptForCertain;
        var positions = Repository.Packs().Where(pack => pack.CaptureTime > sinceWhen).Select(pack => pack.To).Distinct().ToArray();
        var copied = _copies.Positions.Intersect(positions).ToArray();
        random.Shuffle(positions);
        random.Shuffle(copied);
        foreach (var position in copied.Take(count / 2).Concat(positions).Distinct().Take(count))
        {
            _ = await AssertPointAsync(position);
        }
    }

    /// <summary>The number of commits that the position holds.</summary>
    public async Task<long> AssertPointAsync(Position position)
    {
        var restored = NewPath("restored.db");
        var found = await Repository.RestoreAsync(position.Transaction, restored, ct);
        if (found != position)
        {
            throw new DivergenceException($"The restore of {position} gave {found}.");
        }

        var (commits, _) = await JudgeAsync(restored);
        _order.Add(position, commits);
        if (_copies.Of(position, commits) is { } copy)
        {
            Compared++;
            if (await Outside.DifferenceAsync(copy, restored) is { } difference)
            {
                throw new DivergenceException($"Position {position} holds commit {commits}, and is not like the copy of it: {difference}");
            }
        }

        File.Delete(restored);
        return commits;
    }

    public string NewPath(string name) => volume.Elsewhere($"{System.IO.Path.GetFileNameWithoutExtension(path)}-{++_files}-{name}");

    public ValueTask DisposeAsync() => Outside.DisposeAsync();

    /// <summary>What is in a file, of which only a copy is opened.</summary>
    private async Task<CommittedContent> JudgeAsync(string file)
    {
        var working = NewPath("working.db");
        File.Copy(file, working);
        try
        {
            var found = await Outside.ExamineAsync(working);
            if (!_contents.TryGetValue(found.Commits, out var seen))
            {
                return found;
            }

            Compared++;
            return seen == found.Hash ? found : throw new DivergenceException($"Commit {found.Commits} was restored with other rows than the application saw in it.");
        }
        catch (WriterException e)
        {
            throw new DivergenceException($"Not a committed state: {e.Message}");
        }
        finally
        {
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Delete(working + suffix);
            }
        }
    }
}
