using BackupSidecar.Following;
using BackupSidecar.Primitives;
using BackupSidecar.Tests.Source;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>What a drill or a verification finds damaged, captures do not build upon: they look at headers and indexes only, and would not see it.</summary>
public sealed class FollowDamageTests
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wal", true)]
    [InlineData("wal", false)]
    [InlineData("delete", true)]
    public async Task Damage_that_was_found_makes_a_full_at_once_although_nothing_has_changed(string journalMode, bool isOpen)
    {
        await using var follow = new FollowBench();
        await follow.Bench.StartAppAsync(journalMode);
        if (!isOpen)
        {
            await follow.Bench.App.CloseAsync("app");
        }

        await follow.StartAsync();
        await follow.CatchUpAsync();
        await DamageBlocksAsync(follow);
        var finding = await Assert.ThrowsAnyAsync<OperatorException>(() => follow.RestoreAsync());
        Assert.Equal(FailureKind.VerificationFailed, finding.Kind);

        Assert.True(follow.Damage.Found("app", finding, TimeProvider.System.GetUtcNow()));
        Assert.Equal(finding.Kind, Assert.Throws<OperatorException>(() => follow.Damage.EnsureSound("app")).Kind);
        await follow.CatchUpAsync().WaitAsync(WaitMax, Ct);

        follow.Damage.EnsureSound("app");
        Assert.Equal(2, follow.Counts.Full);
        Assert.Equal(follow.Follower.Status.Position, follow.Damage.Of("app")!.Full);
        Assert.Contains("needs nothing older", follow.Log, StringComparison.Ordinal);
        _ = await follow.RestoreAsync();
        if (isOpen)
        {
            // The captures after it go on from the new full.
            await follow.Bench.App.ExecuteAsync("app", SourceBench.Change);
            await follow.CatchUpAsync().WaitAsync(WaitMax, Ct);
            await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
            Assert.Equal(2, follow.Counts.Full);
        }
    }

    [Fact]
    public void What_was_read_before_the_full_says_nothing_of_it_and_a_proof_after_it_ends_the_doubt()
    {
        var (board, noon) = (new DamageBoard(), new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var finding = new OperatorException(FailureKind.VerificationFailed, "Pack 1 is damaged.", "Look.");
        Assert.True(board.Found("a", finding, noon));
        Assert.False(board.Found("a", finding, noon.AddMinutes(1)));
        board.Proved("a", noon.AddMinutes(1));
        Assert.NotNull(board.OpenOf("a"));

        Assert.Equal("Pack 1 is damaged.", board.Healed("a", 7, noon.AddMinutes(2))?.Message);
        Assert.Null(board.Healed("a", 8, noon.AddMinutes(3)));
        Assert.False(board.Found("a", finding, noon.AddMinutes(1)));
        board.Proved("a", noon.AddMinutes(1));
        Assert.Equal(7ul, board.Of("a")?.Full);
        board.Proved("a", noon.AddMinutes(4));
        Assert.Null(board.Of("a"));
    }

    private static async Task DamageBlocksAsync(FollowBench follow)
    {
        var pack = Directory.EnumerateFiles(Path.Join(follow.RepositoryPath, "packs"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(pack, Ct);
        bytes.AsSpan(bytes.Length / 3, 64).Fill(0xEE);
        File.Delete(pack);
        await File.WriteAllBytesAsync(pack, bytes, Ct);
    }
}
