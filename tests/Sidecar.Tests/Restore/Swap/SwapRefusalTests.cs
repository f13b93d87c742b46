using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>When a swap does not happen, and that nothing has changed then.</summary>
public sealed class SwapRefusalTests
{
    [Fact]
    public async Task An_attached_application_refuses_the_swap_whatever_the_operator_says()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var application = await UsingProcess.AttachAsync(scene.Target);

        await AssertRefusedAsync(scene, FailureKind.DatabaseInUse, "app.db", appIsStopped: true, SwapScene.ShortPatience);

        Assert.Equal("old", await application.AddRowsAsync());
    }

    [Theory]
    [InlineData(OldDatabase.Rollback)]
    [InlineData(OldDatabase.RollbackWithHotJournal)]
    [InlineData(OldDatabase.ZeroByte)]
    [InlineData(OldDatabase.Damaged)]
    public async Task A_database_whose_idle_applications_hold_no_lock_needs_the_operators_word(OldDatabase old)
    {
        using var scene = new SwapScene(old);

        var refusal = await AssertRefusedAsync(scene, FailureKind.DatabaseInUse, "app.db", appIsStopped: false);

        Assert.Contains("--app-is-stopped", refusal.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OldDatabase.Rollback)]
    [InlineData(OldDatabase.Wal)]
    [InlineData(OldDatabase.Damaged)]
    public async Task A_process_that_has_the_file_open_without_any_lock_refuses_the_swap_whatever_the_operator_says(OldDatabase old)
    {
        using var scene = new SwapScene(old);
        using var application = await UsingProcess.OpenAsync(scene.Target, busyMs: 0);

        var refusal = await AssertRefusedAsync(scene, FailureKind.DatabaseInUse, $"process {application.Id}", appIsStopped: true, SwapScene.ShortPatience);

        Assert.Contains("Sidecar.SwapKil", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_is_no_database()
    {
        using var scene = new SwapScene(OldDatabase.Missing);
        Directory.CreateDirectory(scene.Target);

        await AssertRefusedAsync(scene, FailureKind.Failed, "is a directory", appIsStopped: true);
    }

    [Fact]
    public async Task A_database_with_a_second_name_is_not_split_from_it()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        FileNames.Link(scene.Target, scene.Target + ".other");

        await AssertRefusedAsync(scene, FailureKind.UnsafeEnvironment, "hard links", appIsStopped: true);
    }

    [Fact]
    public async Task A_staged_file_elsewhere_is_refused()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        using var other = new SwapScene(OldDatabase.Missing);

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => SwapAsync(scene.Request(appIsStopped: true) with { StagedPath = other.Staged }));

        Assert.Contains("does not lie in the directory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_staged_database_that_was_not_closed_is_refused()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        File.WriteAllText(scene.Staged + "-wal", "frames");

        await AssertRefusedAsync(scene, FailureKind.Failed, "was not closed", appIsStopped: true);
    }

    [Fact]
    public async Task A_staged_database_that_somebody_uses_is_refused()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        using var other = DatabaseLock.TryTake(scene.Staged);

        await AssertRefusedAsync(scene, FailureKind.DatabaseInUse, "before it is in place", appIsStopped: true);
    }

    [Fact]
    public async Task A_safety_copy_never_overwrites()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        File.WriteAllText(scene.SafetyCopy, "precious");

        await AssertRefusedAsync(scene, FailureKind.Failed, "that exists", appIsStopped: true);

        Assert.Equal("precious", File.ReadAllText(scene.SafetyCopy));
    }

    [Fact]
    public async Task A_deleted_database_that_a_process_still_uses_is_not_replaced()
    {
        using var scene = new SwapScene(OldDatabase.Wal);
        using var application = await UsingProcess.AttachAsync(scene.Target);
        File.Delete(scene.Target);

        await AssertRefusedAsync(scene, FailureKind.DatabaseInUse, "was deleted while", appIsStopped: true);
    }

    [Fact]
    public async Task A_database_that_an_application_creates_meanwhile_is_not_replaced()
    {
        using var scene = new SwapScene(OldDatabase.Missing);

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => scene.SwapAsync(appIsStopped: true, reached: step =>
        {
            if (step == SwapStep.SideFilesSynced)
            {
                ContentDatabase.Create(scene.Target, "old", "DELETE");
            }
        }));

        Assert.Equal(FailureKind.DatabaseInUse, refusal.Kind);
        Assert.Equal("old", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(["app.db", "app.db.restoring"], scene.Names);
    }

    [Theory]
    [InlineData(OldDatabase.Wal)]
    [InlineData(OldDatabase.Missing)]
    public async Task A_side_file_that_appears_under_our_locks_takes_the_swap_back(OldDatabase old)
    {
        foreach (var step in new[] { SwapStep.SideFilesSynced, SwapStep.Renamed })
        {
            using var scene = new SwapScene(old);

            var refusal = await Assert.ThrowsAsync<OperatorException>(() => scene.SwapAsync(appIsStopped: true, reached: reached =>
            {
                if (reached == step)
                {
                    File.WriteAllBytes(scene.Target + "-wal", []);
                }
            }));

            Assert.Equal(FailureKind.UnsafeEnvironment, refusal.Kind);
            File.Delete(scene.Target + "-wal");
            string[] expected = old == OldDatabase.Wal ? ["app.db", "app.db.restoring"] : ["app.db.restoring"];
            Assert.Equal(expected, scene.Names);
            Assert.Equal("new", ContentDatabase.CheckFile(scene.Staged));
            Assert.True(old != OldDatabase.Wal || ContentDatabase.CheckFile(scene.Target) == "old");
        }
    }

    [Fact]
    public async Task A_cancelled_swap_leaves_nothing()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var cancellation = new CancellationTokenSource();
        var run = new SwapRun(TimeProvider.System, SwapScene.Patience, step =>
        {
            if (step == SwapStep.SideFilesSynced)
            {
                cancellation.Cancel();
            }
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.ExecuteAsync(scene.Request(appIsStopped: true), cancellation.Token));

        Assert.Equal(["app.db", "app.db.restoring"], scene.Names);
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.Target));
    }

    private static async Task<OperatorException> AssertRefusedAsync(SwapScene scene, FailureKind kind, string message, bool appIsStopped, SwapPatience? patience = null)
    {
        var before = scene.Names;

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => SwapAsync(scene.Request(appIsStopped), patience));

        Assert.Equal(kind, refusal.Kind);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, scene.Names);
        return refusal;
    }

    private static Task<SwapResult> SwapAsync(SwapRequest request, SwapPatience? patience = null) =>
        new SwapRun(TimeProvider.System, patience ?? SwapScene.Patience, _ => { }).ExecuteAsync(request, TestContext.Current.CancellationToken);
}
