using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Source;

/// <summary>Images taken while an application writes as fast as it can: each is one committed state, none is older than the one before.</summary>
public sealed class LiveLoadTests(ITestOutputHelper output)
{
    private const int Images = 8;
    private const int CommitsInsideAnImage = 15;
    private const uint Somebody = 12345;

    private static string Owner => ForeignUser.IsPossible ? $" uid {Somebody} " : " uid ";

    public static TheoryData<string> Loads => [.. LoadsByName.Keys];

    private static Dictionary<string, (string JournalMode, WriterLoad Load)> LoadsByName { get; } = new()
    {
        ["wal, autocheckpoint as by default"] = ("wal", new WriterLoad()),
        ["wal, autocheckpoint at every commit"] = ("wal", new WriterLoad { Pragmas = "PRAGMA wal_autocheckpoint=1" }),
        ["wal, no checkpoint"] = ("wal", new WriterLoad { Pragmas = "PRAGMA wal_autocheckpoint=0", CommitsPerSecond = 200 }),
        ["wal, passive checkpoints"] = ("wal", new WriterLoad { Checkpoint = "PASSIVE" }),
        ["wal, full checkpoints"] = ("wal", new WriterLoad { Checkpoint = "FULL" }),
        ["wal, restart checkpoints"] = ("wal", new WriterLoad { Checkpoint = "RESTART" }),
        ["wal, truncate checkpoints"] = ("wal", new WriterLoad { Checkpoint = "TRUNCATE" }),
        ["wal, two writers, two checkpointers"] = ("wal", new WriterLoad { Writers = 2, Checkpointers = 2, Checkpoint = "PASSIVE", PauseMilliseconds = 1 }),
        ["wal, cut by journal_size_limit"] = ("wal", new WriterLoad { Checkpoint = "RESTART", Pragmas = "PRAGMA journal_size_limit=20000" }),
        ["wal, spilling cache"] = ("wal", new WriterLoad { Pragmas = "PRAGMA cache_size=5; PRAGMA wal_autocheckpoint=50" }),
        ["wal, vacuums"] = ("wal", new WriterLoad { Vacuum = true }),
        ["rollback journal, delete"] = ("delete", new WriterLoad()),
        ["rollback journal, truncate"] = ("delete", new WriterLoad { Pragmas = "PRAGMA journal_mode=TRUNCATE" }),
        ["rollback journal, persist"] = ("delete", new WriterLoad { Pragmas = "PRAGMA journal_mode=PERSIST", Writers = 2 }),
        ["rollback journal, memory"] = ("delete", new WriterLoad { Pragmas = "PRAGMA journal_mode=MEMORY", Vacuum = true }),
        ["wal, opened and closed for every commit"] = ("wal", new WriterLoad { Reopen = true }),
        ["wal, opened and closed by two"] = ("wal", new WriterLoad { Reopen = true, Writers = 2 }),
        ["rollback journal, opened and closed for every commit"] = ("delete", new WriterLoad { Reopen = true }),
        ["turning to wal and back"] = ("wal", new WriterLoad { Reopen = true, TurnJournalMode = true }),
        ["rollback journal, off"] = ("delete", new WriterLoad { Pragmas = "PRAGMA journal_mode=OFF", CommitsPerSecond = 100 }),
    };

    [Theory]
    [MemberData(nameof(Loads))]
    public async Task Every_image_is_one_committed_state(string name)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await using var bench = new SourceBench();
        var (journalMode, load) = LoadsByName[name];
        if (ForeignUser.IsPossible)
        {
            // What of the files belongs to another than the application was made by us.
            await bench.App.BecomeUserAsync(Somebody);
        }

        await bench.App.OpenAsync("app", bench.Path, $"PRAGMA journal_mode={journalMode}");
        await bench.App.CreateSampleTablesAsync("app");
        await bench.App.CloseAsync("app");
        await bench.App.StartLoadAsync(bench.Path, load with { Seed = seed });
        await bench.App.AwaitCommitsAsync(100);

        List<long> commits = [];
        for (var i = 0; i < Images; i++)
        {
            // A read transaction must stand still however long it lasts; a shared lock would only keep the application waiting.
            var file = journalMode == "wal" && !load.TurnJournalMode ? await bench.ReadWhileAppCommitsAsync(CommitsInsideAnImage) : bench.Read().File;
            Assert.Equal("", await bench.Locks.HeldByUsAsync(bench.Path));
            commits.Add(await bench.Outside.ValidateAsync(file));
        }

        var result = await bench.App.StopLoadAsync();
        output.WriteLine($"images at commits {string.Join(", ", commits)} of {result.Commits}, {result.Checkpoints} checkpoints");
        Assert.Equal(commits.Order(), commits);
        var surroundings = await bench.Outside.LookAsync(bench.Path);

        // An application whose two connections close at the same moment leaves its -wal and -shm behind; the line of the latter ends with its owner.
        Assert.All(surroundings.Lines.Where(line => line.StartsWith("app.db", StringComparison.Ordinal)), line => Assert.Contains(Owner, $"{line} ", StringComparison.Ordinal));
        await bench.AssertReadsExactlyAsync();
    }
}
