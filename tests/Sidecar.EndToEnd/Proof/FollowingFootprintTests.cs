using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.EndToEnd.Proof;

/// <summary>What serve costs an application while it follows it, as another process sees it: locks, files, owners, and what is refused.</summary>
public sealed class FollowingFootprintTests(ITestOutputHelper output)
{
    private const string AsAnIdleReader = "SHARED DMS";
    private const int Busy = 5;
    private const uint Somebody = 12345;
    private const int Looks = 400;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(5);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attached_and_idle_it_holds_the_locks_of_an_idle_reader_and_nothing_else()
    {
        await using var bench = await StartAsync();
        await HoldsAsync(bench, AsAnIdleReader);

        for (var look = 0; look < Looks; look++)
        {
            Assert.Equal(AsAnIdleReader, await LocksAsync(bench));
        }
    }

    [Fact]
    public async Task While_it_captures_it_holds_no_lock_that_keeps_anybody_from_writing()
    {
        await using var bench = await StartAsync();
        await HoldsAsync(bench, AsAnIdleReader);
        await bench.App.StartLoadAsync(bench.Database, new WriterLoad { Seed = bench.Random.Next(), CommitsPerSecond = 200, ItemsMax = FollowBench.ItemsMax, Checkpoint = "PASSIVE" });
        Dictionary<string, int> seen = [];
        for (var look = 0; look < Looks; look++)
        {
            var locks = await LocksAsync(bench);
            seen[locks] = seen.GetValueOrDefault(locks) + 1;
        }

        await bench.App.StopLoadAsync();
        output.WriteLine(string.Join(", ", seen.OrderByDescending(entry => entry.Value).Select(entry => $"'{entry.Key}' {entry.Value} times")));

        // A reader sets its mark under a lock of that mark alone. The locks are asked for one after the other, so that one reading's and the next one's may be seen together.
        Assert.All(seen.Keys, locks => Assert.Matches("^SHARED( READ[0-4]| READ[1-4]!)* DMS$", locks));
        await bench.CaughtUpAsync();
    }

    [Fact]
    public async Task Nothing_is_written_beside_or_into_the_database()
    {
        await using var bench = await FollowBench.StartAppAloneAsync(NewRandom(), "0s", userId: null, Ct);
        var before = await bench.Outside.LookAsync(bench.Database);

        bench.StartSidecar();
        await bench.CaughtUpAsync();
        await HoldsAsync(bench, AsAnIdleReader);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());

        await bench.KillSidecarAsync();
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());

        bench.StartSidecar();
        await bench.ChangeAsync(20);
        await bench.CaughtUpAsync();
        before = await bench.Outside.LookAsync(bench.Database);
        await HoldsAsync(bench, AsAnIdleReader);
        await bench.KillAppAsync();
        await HoldsAsync(bench, "");
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());

        await bench.CaughtUpAsync();
        (await bench.TerminateSidecarAsync()).ShouldExit(0);
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());
    }

    [Fact]
    public async Task An_application_that_ends_leaves_its_log_behind_which_is_captured_let_go_of_and_taken_up_again()
    {
        await using var bench = await StartAsync();
        await HoldsAsync(bench, AsAnIdleReader);
        await bench.ChangeAsync(5);
        await bench.App.ExitAsync();
        await HoldsAsync(bench, "");
        await bench.CaughtUpAsync();
        Assert.True(File.Exists(bench.Database + "-wal"), "The application's last close removed its log although a reader was attached: document that it no longer stays.");

        await bench.StartAppAsync();
        await bench.ChangeAsync(5);
        await bench.CaughtUpAsync();
        (await bench.TerminateSidecarAsync()).ShouldExit(3);
        await bench.App.ExitAsync();
        Assert.Equal([bench.Database], Directory.GetFiles(Path.GetDirectoryName(bench.Database)!));
    }

    [Theory]
    [InlineData("", "PRAGMA journal_mode=DELETE", "")]
    [InlineData("PRAGMA locking_mode=EXCLUSIVE", "UPDATE tally SET commits = commits", "PRAGMA locking_mode=NORMAL")]
    public async Task What_needs_the_database_alone_is_refused_while_it_is_attached_and_goes_again_afterwards(string wish, string statement, string withdrawal)
    {
        await using var bench = await StartAsync();
        await HoldsAsync(bench, AsAnIdleReader);
        await bench.App.OpenAsync("impatient", bench.Database, lockWaitSeconds: 1);

        // Who has only opened a file is not attached.
        await bench.App.ScalarAsync("impatient", "SELECT count(*) FROM item");
        await bench.App.CloseAsync(FollowBench.Main);
        await HoldsAsync(bench, AsAnIdleReader);

        await bench.App.ExecuteAsync("impatient", wish);
        var refused = await Assert.ThrowsAsync<WriterException>(() => bench.App.ExecuteAsync("impatient", statement));

        Assert.Equal(Busy, refused.Code);
        await bench.App.ExecuteAsync("impatient", withdrawal);
        await bench.App.ChangeAsync("impatient", bench.Random.Next(), count: 3, FollowBench.ItemsMax);
        await bench.CaughtUpAsync();
        await bench.KillSidecarAsync();
        await bench.App.ExecuteAsync("impatient", wish);
        await bench.App.ExecuteAsync("impatient", statement);
        await bench.App.ChangeAsync("impatient", bench.Random.Next(), count: 3, FollowBench.ItemsMax);
        await bench.App.CloseAsync("impatient");
        bench.StartSidecar();
        await bench.CaughtUpAsync();
    }

    [Fact]
    public async Task An_application_of_another_user_keeps_its_files_and_comes_and_goes_as_it_likes()
    {
        Assert.SkipUnless(ForeignUser.IsPossible, "Only root can act as another user.");
        await using var bench = await FollowBench.StartAppAloneAsync(NewRandom(), "0s", Somebody, Ct);
        bench.StartSidecar();
        await bench.CaughtUpAsync();
        for (var time = 0; time < 3; time++)
        {
            await bench.App.ExitAsync();
            await HoldsAsync(bench, "");
            await bench.StartAppAsync();
            await bench.ChangeAsync(3);
            await bench.CaughtUpAsync();
            Assert.All((await bench.Outside.LookAsync(bench.Database)).Lines.SkipLast(1), line => Assert.Contains($" uid {Somebody}", line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_sidecar_of_another_user_that_may_only_read_captures_all_and_writes_nothing()
    {
        Assert.SkipUnless(ForeignUser.IsPossible && File.Exists("/usr/bin/setpriv"), "Only root can act as another user, by setpriv.");
        await using (var tried = SidecarProcess.Start(SidecarBinary.Current, ["--version"], userId: Somebody))
        {
            Assert.SkipUnless((await tried.WaitForExitAsync(Ct)).ExitCode == 0, "Another user may not run the program where it stands.");
        }

        await using var bench = await FollowBench.StartAppAloneAsync(NewRandom(), "0s", userId: null, Ct);
        var before = await bench.Outside.LookAsync(bench.Database);
        bench.StartSidecar(Somebody);
        await bench.CaughtUpAsync();
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());

        await bench.ChangeAsync(10);
        await bench.App.ExecuteAsync(FollowBench.Main, "PRAGMA wal_checkpoint(TRUNCATE)");
        await bench.ChangeAsync(10);
        await bench.CaughtUpAsync();
        before = await bench.Outside.LookAsync(bench.Database);
        await bench.KillAppAsync();
        await bench.CaughtUpAsync();
        Assert.Equal(before.ToString(), (await bench.Outside.LookAsync(bench.Database)).ToString());
    }

    private Task<FollowBench> StartAsync() => FollowBench.StartAsync(NewRandom(), interval: "0s", Ct);

    private Random NewRandom()
    {
        var seed = ProofSettings.NewSeed();
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private static Task<string> LocksAsync(FollowBench bench) => new LockProbe(bench.Outside).HeldByAsync(bench.Sidecar.Id, bench.Database);

    /// <summary>Returns when the sidecar holds these locks.</summary>
    private static async Task HoldsAsync(FollowBench bench, string locks)
    {
        var begun = TimeProvider.System.GetTimestamp();
        for (var held = await LocksAsync(bench); held != locks; held = await LocksAsync(bench))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < WaitMax, $"Waited {WaitMax.TotalSeconds} s for the locks '{locks}'; the sidecar holds '{held}': {bench.Sidecar}");
            await Task.Delay(LookPeriod, TimeProvider.System, Ct);
        }
    }
}
