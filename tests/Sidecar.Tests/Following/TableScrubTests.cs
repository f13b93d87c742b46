using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using BackupSidecar.Capture;
using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Testing;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>What was captured is compared with the live database now and then: a difference that no commit explains is said aloud and mended, and never taken for a change.</summary>
public sealed class TableScrubTests
{
    private const string Small = "UPDATE t SET body = randomblob(700) WHERE id = 3;";
    private const string Marker = "a-text-that-stands-nowhere-else";
    private const uint Page = 5;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_that_is_what_was_captured_passes()
    {
        await using var follow = await FollowAsync();
        await ScrubbedAsync(follow);
        var first = follow.Follower.Status.ScrubbedAt;
        await follow.Bench.App.ExecuteAsync("app", "CREATE TABLE more(x); INSERT INTO more WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(3000) FROM n;");
        await follow.Bench.App.ExecuteAsync("app", "DELETE FROM more; PRAGMA wal_checkpoint(TRUNCATE)");
        await follow.CatchUpAsync();
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.ScrubbedAt > first), "another pass", wake: follow.CatchUpAsync);

        Assert.Equal((0, null), (follow.Follower.Status.ScrubDifferences, follow.Follower.Status.Trouble));
        Assert.Equal("SHARED DMS", await follow.Bench.Locks.HeldByUsAsync(follow.Bench.Path));
    }

    [Fact]
    public async Task A_hash_that_was_changed_in_the_running_table_is_found_and_made_anew_from_the_repository()
    {
        await using var follow = await FollowAsync();
        var position = Assert.Single(await follow.PositionsAsync());
        Forge(follow, (Page, UInt128.One));

        await DifferenceFoundAsync(follow);

        Assert.Contains("local page hashes were wrong", follow.Follower.Status.Trouble!.Message, StringComparison.Ordinal);
        Assert.Equal(1, follow.Follower.Status.ScrubDifferences);
        Assert.Equal(position, Assert.Single(await follow.PositionsAsync()));
        Assert.Single(Directory.GetFiles(follow.State, "*.hashes.doubtful", SearchOption.AllDirectories));
        await AssertGoesOnAsync(follow);
    }

    [Fact]
    public async Task A_table_that_proves_itself_and_is_wrong_is_found()
    {
        await using var follow = await FollowAsync();
        await follow.StopAsync();
        Forge(follow, (Page, UInt128.One), (Page + 2, UInt128.MaxValue));
        await follow.StartAsync();
        await follow.CatchUpAsync();

        await DifferenceFoundAsync(follow);

        Assert.Equal(0, follow.Counts.Full);
        Assert.Equal(2, follow.Follower.Status.ScrubDifferences);
        Assert.Single(await follow.PositionsAsync());
        await AssertGoesOnAsync(follow);
    }

    [Fact]
    public async Task A_page_that_was_changed_behind_the_back_of_SQLite_is_found_and_begins_a_new_timeline()
    {
        await using var follow = await FollowAsync();
        await follow.Bench.App.ExecuteAsync("app", $"UPDATE t SET body = '{Marker}' WHERE id = 3;");
        await follow.CatchUpAsync();

        // A slice of the scrub may keep a checkpoint from its end.
        await FollowBench.EventuallyAsync(
            () => Task.FromResult(follow.Follower.Status.WalBytes == 0), "an empty log", wake: () => follow.Bench.App.ExecuteAsync("app", "PRAGMA wal_checkpoint(TRUNCATE)"));
        await follow.CatchUpAsync();
        await ScrubbedAsync(follow);
        await OverwriteMarkerAsync(follow.Bench.Path);

        await DifferenceFoundAsync(follow);

        Assert.Contains("was not what had been captured", follow.Follower.Status.Trouble!.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await follow.PositionsAsync()).Select(position => position.Timeline).Distinct().Count());
        await AssertGoesOnAsync(follow);
    }

    private static async Task<FollowBench> FollowAsync()
    {
        var follow = new FollowBench { Define = definition => definition with { Scrub = TimeSpan.Zero } };
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        return follow;
    }

    private static Task ScrubbedAsync(FollowBench follow)
    {
        var before = TimeProvider.System.GetUtcNow();
        return FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.ScrubbedAt > before), "a pass", wake: follow.CatchUpAsync);
    }

    private static Task DifferenceFoundAsync(FollowBench follow) =>
        FollowBench.EventuallyAsync(() => Task.FromResult(follow.Follower.Status.Trouble is not null), "the difference to be found", wake: follow.CatchUpAsync);

    private static async Task AssertGoesOnAsync(FollowBench follow)
    {
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
        await follow.Bench.App.ExecuteAsync("app", Small);
        await follow.CatchUpAsync();
        var differences = follow.Follower.Status.ScrubDifferences;
        await ScrubbedAsync(follow);
        Assert.Equal(differences, follow.Follower.Status.ScrubDifferences);
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
    }

    /// <summary>Adds to hashes in the table, and has its header say what they add up to then.</summary>
    private static void Forge(FollowBench follow, params ReadOnlySpan<(uint Page, UInt128 Added)> changes)
    {
        using var file = File.OpenHandle(Directory.GetFiles(follow.State, "*.hashes", SearchOption.AllDirectories).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var bytes = new byte[PageHashTableHeader.Size];
        RandomAccess.Read(file, bytes, 0);
        var header = PageHashTableHeader.TryParse(bytes)!;
        var sums = header.Sums;
        foreach (var (page, added) in changes)
        {
            PageHash hash = default;
            var entry = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref hash, 1));
            RandomAccess.Read(file, entry, PageHashTable.OffsetOf(page));
            var forged = new PageHash(unchecked(hash.Value + added));
            sums = sums.Subtract(page, hash).Add(page, forged);
            hash = forged;
            RandomAccess.Write(file, entry, PageHashTable.OffsetOf(page));
        }

        (header with { Fingerprint = Fingerprint.Of(header.Shape, sums.Plain), OrderedSum = sums.Ordered }).Write(bytes);
        RandomAccess.Write(file, bytes, 0);
    }

    /// <summary>By another process: closing the file in this one would drop the locks of the follower.</summary>
    private static async Task OverwriteMarkerAsync(string path)
    {
        using var find = Process.Start(new ProcessStartInfo("grep", ["-abo", Marker, path]) { RedirectStandardOutput = true })!;
        var line = await find.StandardOutput.ReadLineAsync(Ct);
        await find.WaitForExitAsync(Ct);
        var offset = line!.Split(':')[0];
        using var write = Process.Start(new ProcessStartInfo("dd", [$"of={path}", "bs=1", $"seek={offset}", "conv=notrunc", "status=none"]) { RedirectStandardInput = true })!;
        await write.StandardInput.WriteAsync("B");
        write.StandardInput.Close();
        await write.WaitForExitAsync(Ct);
        Assert.Equal(0, write.ExitCode);
        _ = int.Parse(offset, CultureInfo.InvariantCulture);
    }
}
