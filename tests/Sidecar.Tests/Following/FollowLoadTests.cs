using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>A database is followed while an application writes as fast as it can: every stored position is one committed state, and the newest is the live one.</summary>
public sealed class FollowLoadTests(ITestOutputHelper output)
{
    private const int CommitsMin = 400;
    private const int EarlierPositions = 5;

    public static TheoryData<string> Loads => [.. LoadsByName.Keys];

    private static Dictionary<string, (string JournalMode, WriterLoad Load)> LoadsByName { get; } = new()
    {
        ["wal, autocheckpoint as by default"] = ("wal", new WriterLoad()),
        ["wal, autocheckpoint at every commit"] = ("wal", new WriterLoad { Pragmas = "PRAGMA wal_autocheckpoint=1" }),
        ["wal, autocheckpoint often"] = ("wal", new WriterLoad { Pragmas = "PRAGMA wal_autocheckpoint=30" }),
        ["wal, no checkpoint"] = ("wal", new WriterLoad { Pragmas = "PRAGMA wal_autocheckpoint=0", CommitsPerSecond = 200 }),
        ["wal, passive checkpoints"] = ("wal", new WriterLoad { Checkpoint = "PASSIVE" }),
        ["wal, full checkpoints"] = ("wal", new WriterLoad { Checkpoint = "FULL" }),
        ["wal, restart checkpoints"] = ("wal", new WriterLoad { Checkpoint = "RESTART" }),
        ["wal, truncate checkpoints"] = ("wal", new WriterLoad { Checkpoint = "TRUNCATE" }),
        ["wal, two writers, two checkpointers"] = ("wal", new WriterLoad { Writers = 2, Checkpointers = 2, Checkpoint = "PASSIVE", PauseMilliseconds = 1 }),
        ["wal, cut by journal_size_limit"] = ("wal", new WriterLoad { Checkpoint = "RESTART", Pragmas = "PRAGMA journal_size_limit=20000" }),
        ["wal, spilling cache"] = ("wal", new WriterLoad { Pragmas = "PRAGMA cache_size=5; PRAGMA wal_autocheckpoint=50" }),
        ["wal, vacuums"] = ("wal", new WriterLoad { Vacuum = true }),
        ["wal, opened and closed for every commit"] = ("wal", new WriterLoad { Reopen = true }),
        ["rollback journal, delete"] = ("delete", new WriterLoad { CommitsPerSecond = 100 }),
    };

    [Theory]
    [MemberData(nameof(Loads))]
    public async Task Every_position_is_one_committed_state(string name)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var (journalMode, load) = LoadsByName[name];
        await using var follow = new FollowBench { Define = definition => definition with { Scrub = TimeSpan.Zero } };
        var app = follow.Bench.App;
        await app.OpenAsync("app", follow.Bench.Path, $"PRAGMA journal_mode={journalMode}");
        await app.CreateSampleTablesAsync("app");
        await app.CloseAsync("app");
        await app.StartLoadAsync(follow.Bench.Path, load with { Seed = seed });
        await follow.StartAsync();
        await app.AwaitCommitsAsync(CommitsMin);
        await follow.CatchUpAsync();
        await app.AwaitCommitsAsync(CommitsMin);
        var result = await app.StopLoadAsync();
        await follow.CatchUpAsync();
        Assert.Equal(0, follow.Follower.Status.ScrubDifferences);
        output.WriteLine($"scrubbed: {follow.Follower.Status.ScrubbedAt}");
        output.WriteLine($"{result.Commits} commits, {result.Checkpoints} checkpoints; {follow.Follower.Status.Captures}; refused: {string.Join("; ", follow.Follower.Status.Refusals.Select(refusal => refusal.Reason))}");

        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
        var positions = await follow.PositionsAsync();
        var random = new Random(seed);
        var earlier = positions.OrderBy(_ => random.Next()).Take(EarlierPositions).OrderBy(position => position.Transaction);
        List<long> commits = [];
        foreach (var position in earlier)
        {
            commits.Add(await follow.Bench.Outside.ValidateAsync(await follow.RestoreAsync(position)));
        }

        output.WriteLine($"{positions.Count} positions, some at commits {string.Join(", ", commits)}");
        Assert.Equal(commits.Order(), commits);
        await follow.StopAsync();
        Assert.Equal("", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }
}
