using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>The swap ends without warning at each of its steps, in one process.</summary>
public sealed class SwapKilledTests
{
    public static TheoryData<OldDatabase> EveryOld => new(Enum.GetValues<OldDatabase>());

    [Theory]
    [MemberData(nameof(EveryOld))]
    public async Task A_swap_killed_at_any_step_is_finished_or_undone_by_the_next_command(OldDatabase old)
    {
        foreach (var step in Enum.GetValues<SwapStep>().Where(step => IsReached(step, old)))
        {
            using var scene = new SwapScene(old);
            await KillAsync(scene, step);

            var outcome = SwapRecovery.FinishOrUndo(scene.Target);

            Assert.Equal(ExpectedAfter(step), outcome.Kind);
            var again = SwapRecovery.FinishOrUndo(scene.Target);
            Assert.Equal(SwapRecoveryKind.Nothing, again.Kind);
            await AssertWholeAsync(scene, old, step);
        }
    }

    [Theory]
    [InlineData(OldDatabase.Wal)]
    [InlineData(OldDatabase.WalWithLog)]
    [InlineData(OldDatabase.Rollback)]
    [InlineData(OldDatabase.RollbackWithHotJournal)]
    public async Task An_application_that_comes_between_the_kill_and_the_next_command_finds_one_whole_database(OldDatabase old)
    {
        foreach (var step in Enum.GetValues<SwapStep>())
        {
            using var scene = new SwapScene(old);
            await KillAsync(scene, step);

            Assert.Equal(step < SwapStep.Renamed ? "old" : "new", ContentDatabase.CheckFile(scene.Target));

            SwapRecovery.FinishOrUndo(scene.Target);
            await AssertWholeAsync(scene, old, step);
        }
    }

    [Fact]
    public async Task What_an_application_commits_between_the_kill_and_the_next_command_is_kept()
    {
        foreach (var step in new[] { SwapStep.SideFilesSynced, SwapStep.Renamed })
        {
            using var scene = new SwapScene(OldDatabase.WalWithLog);
            await KillAsync(scene, step);
            var rows = ContentDatabase.CountRows(scene.Target);
            using (var application = ContentDatabase.Open(scene.Target, SQLitePCL.raw.SQLITE_OPEN_READWRITE, busyMs: 0))
            {
                ContentDatabase.AddRows(application, count: 5);
                SwapRecovery.FinishOrUndo(scene.Target);
                ContentDatabase.AddRows(application, count: 5);
            }

            Assert.Equal(rows + 10, ContentDatabase.CountRows(scene.Target));
            Assert.Equal(step == SwapStep.Renamed ? "new" : "old", ContentDatabase.CheckFile(scene.Target));
        }
    }

    private static bool IsReached(SwapStep step, OldDatabase old) =>
        old is not (OldDatabase.Missing or OldDatabase.MissingWithLog) || step is not (SwapStep.SafetyCopyLinked or SwapStep.SafetyCopySynced);

    private static async Task KillAsync(SwapScene scene, SwapStep step) =>
        await Assert.ThrowsAsync<SimulatedKillException>(() =>
            SwapScene.RunStoppingAt(step).ExecuteAsync(scene.Request(appIsStopped: true), TestContext.Current.CancellationToken));

    private static SwapRecoveryKind ExpectedAfter(SwapStep step) => step switch
    {
        < SwapStep.MarkerPublished or SwapStep.MarkerRemoved => SwapRecoveryKind.Nothing,
        < SwapStep.Renamed => SwapRecoveryKind.Undone,
        _ => SwapRecoveryKind.Finished,
    };

    private static async Task AssertWholeAsync(SwapScene scene, OldDatabase old, SwapStep step)
    {
        if (step < SwapStep.Renamed)
        {
            AssertOldInPlace(scene, old, step);
            File.Delete(scene.Staged);
            scene.Stage();
            await scene.SwapAsync(appIsStopped: true);
        }

        AssertNewInPlace(scene, old);
    }

    private static void AssertOldInPlace(SwapScene scene, OldDatabase old, SwapStep step)
    {
        Assert.Equal(step < SwapStep.MarkerPublished, File.Exists(scene.Staged));
        Assert.DoesNotContain(scene.Names, name => name.Contains(".before-", StringComparison.Ordinal) || name.Contains("pending", StringComparison.Ordinal));
        switch (old)
        {
            case OldDatabase.Damaged or OldDatabase.ZeroByteWithLog:
                Assert.True(File.Exists(scene.Target));
                Assert.NotEqual(0, new FileInfo(scene.Target + "-wal").Length);
                break;
            case OldDatabase.ZeroByte:
                Assert.Equal(0, new FileInfo(scene.Target).Length);
                break;
            case OldDatabase.Missing:
                Assert.False(File.Exists(scene.Target));
                break;
            case OldDatabase.MissingWithLog:
                Assert.False(File.Exists(scene.Target));
                Assert.NotEqual(0, new FileInfo(scene.Target + "-wal").Length);
                break;
            default:
                Assert.Equal("old", ContentDatabase.CheckFile(scene.Target));
                Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.Target));
                break;
        }
    }

    private static void AssertNewInPlace(SwapScene scene, OldDatabase old)
    {
        string[] expected = old switch
        {
            OldDatabase.Missing => ["app.db"],
            OldDatabase.MissingWithLog => ["app.db", "app.db.before-r1-wal"],
            OldDatabase.Damaged or OldDatabase.ZeroByteWithLog => ["app.db", "app.db.before-r1", "app.db.before-r1-wal"],
            _ => ["app.db", "app.db.before-r1"],
        };
        Assert.Equal(expected, scene.Names);
        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        if (scene.OldRows > 0)
        {
            Assert.Equal("old", ContentDatabase.CheckFile(scene.SafetyCopy));
            Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
        }
    }
}
