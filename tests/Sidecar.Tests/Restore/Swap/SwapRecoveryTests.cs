using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>What the next command makes of a marker; the ordinary cases are in <see cref="SwapKilledTests"/>.</summary>
public sealed class SwapRecoveryTests
{
    [Fact]
    public void No_marker_is_nothing_to_do()
    {
        using var scene = new SwapScene(OldDatabase.Wal);

        Assert.Equal(SwapRecoveryOutcome.Nothing, SwapRecovery.FinishOrUndo(scene.Target));
    }

    [Fact]
    public async Task A_marker_with_any_byte_changed_or_cut_off_is_not_guessed_at()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        await KillAsync(scene, SwapStep.SideFilesSynced);
        var marker = scene.Target + ".restore-pending";
        var whole = File.ReadAllBytes(marker);
        var names = scene.Names;
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = whole.ToArray();
            changed[i] ^= 1;
            foreach (var damaged in new[] { changed, whole[..i] })
            {
                File.WriteAllBytes(marker, damaged);

                var refusal = Assert.Throws<OperatorException>(() => SwapRecovery.FinishOrUndo(scene.Target));

                Assert.Equal(FailureKind.UnsafeEnvironment, refusal.Kind);
            }
        }

        Assert.Equal(names, scene.Names);
    }

    [Fact]
    public async Task A_marker_of_a_later_version_is_left_to_that_version()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        await KillAsync(scene, SwapStep.SideFilesSynced);
        Assert.True(SwapJournal.TryParse(File.ReadAllBytes(scene.Target + ".restore-pending"), out var journal));
        File.WriteAllBytes(scene.Target + ".restore-pending", (journal! with { Version = SwapJournal.CurrentVersion + 1 }).ToBytes());

        var refusal = Assert.Throws<OperatorException>(() => SwapRecovery.FinishOrUndo(scene.Target));

        Assert.Contains("another version", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A checksum that is right proves no author: whoever may write beside the database could have removed or renamed files elsewhere by our hand.</summary>
    [Theory]
    [InlineData("../victim", SwapScene.RestoreId)]
    [InlineData("/../victim", SwapScene.RestoreId)]
    [InlineData("..", SwapScene.RestoreId)]
    [InlineData("", SwapScene.RestoreId)]
    [InlineData("app.db", SwapScene.RestoreId)]
    [InlineData("app.db-wal", SwapScene.RestoreId)]
    [InlineData("app.db.restoring", "x/../../victim")]
    public void A_forged_marker_moves_and_removes_nothing(string stagedName, string restoreId)
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        var victim = Path.Combine(scene.Volume, "..", "victim");
        File.WriteAllText(victim, "mine");
        var named = Path.Combine(scene.Volume, stagedName.Length > 3 ? stagedName : "app.db");
        var inode = FileFacts.Of(named)?.Inode ?? FileFacts.Of(victim)!.Value.Inode;
        File.WriteAllBytes(scene.Target + ".restore-pending", SwapJournal.Of(restoreId, stagedName, inode, FileFacts.Of(scene.Target)!.Value.Inode).ToBytes());
        var names = scene.Names;

        var refusal = Assert.Throws<OperatorException>(() => SwapRecovery.FinishOrUndo(scene.Target));

        Assert.Equal(FailureKind.UnsafeEnvironment, refusal.Kind);
        Assert.Equal("mine", File.ReadAllText(victim));
        Assert.Equal(names, scene.Names);
    }

    [Fact]
    public async Task A_restore_that_is_running_is_left_alone_and_lets_no_other_begin()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        var kinds = new List<FailureKind>();

        await scene.SwapAsync(appIsStopped: false, reached: step =>
        {
            if (step is SwapStep.MarkerWritten or SwapStep.SideFilesSynced or SwapStep.NewReleased)
            {
                kinds.Add(Assert.Throws<OperatorException>(() => SwapRecovery.FinishOrUndo(scene.Target)).Kind);
            }
        });

        Assert.Equal([FailureKind.Locked, FailureKind.Locked, FailureKind.Locked], kinds);
        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
    }

    [Fact]
    public async Task A_swap_does_not_begin_over_an_interrupted_one()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        await KillAsync(scene, SwapStep.SideFilesSynced);

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => scene.SwapAsync(appIsStopped: false));

        Assert.Contains("was interrupted", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_somebody_put_there_meanwhile_stays_and_so_does_the_old_database()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        await KillAsync(scene, SwapStep.SideFilesSynced);
        File.Delete(scene.Target);
        File.WriteAllText(scene.Target, "mine");

        var outcome = SwapRecovery.FinishOrUndo(scene.Target);

        Assert.Equal(SwapRecoveryKind.Undone, outcome.Kind);
        Assert.Contains(scene.SafetyCopy, outcome.Text, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(scene.Target));
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
    }

    [Fact]
    public async Task Files_that_do_not_say_what_happened_are_left_to_a_person()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        await KillAsync(scene, SwapStep.Renamed);
        File.WriteAllText(scene.Target + ".mine", "mine");
        File.Move(scene.Target + ".mine", scene.Target, overwrite: true);
        var names = scene.Names;

        var refusal = Assert.Throws<OperatorException>(() => SwapRecovery.FinishOrUndo(scene.Target));

        Assert.Equal(FailureKind.UnsafeEnvironment, refusal.Kind);
        Assert.Equal(names, scene.Names);
    }

    [Fact]
    public async Task A_process_that_still_has_the_old_database_open_after_a_crash_is_told_of()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        await KillAsync(scene, SwapStep.Renamed);
        using var application = await UsingProcess.OpenAsync(scene.SafetyCopy, busyMs: 0);

        var outcome = SwapRecovery.FinishOrUndo(scene.Target);

        Assert.Equal(SwapRecoveryKind.Finished, outcome.Kind);
        Assert.Contains("still has the former one open", outcome.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_undone_swap_keeps_the_new_database_where_somebody_still_wants_it(bool keepsStaged)
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        var request = scene.Request(appIsStopped: true) with { KeepsStaged = keepsStaged };
        await Assert.ThrowsAsync<SimulatedKillException>(() => SwapScene.RunStoppingAt(SwapStep.SideFilesSynced).ExecuteAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal(SwapRecoveryKind.Undone, SwapRecovery.FinishOrUndo(scene.Target).Kind);

        Assert.Equal(keepsStaged, File.Exists(scene.Staged));
    }

    private static async Task KillAsync(SwapScene scene, SwapStep step) =>
        await Assert.ThrowsAsync<SimulatedKillException>(() =>
            SwapScene.RunStoppingAt(step).ExecuteAsync(scene.Request(appIsStopped: true), TestContext.Current.CancellationToken));
}
