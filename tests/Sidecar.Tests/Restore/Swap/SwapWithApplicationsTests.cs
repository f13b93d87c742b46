using BackupSidecar.Primitives;
using BackupSidecar.Restore.Swap;
using BackupSidecar.SwapKill;
using Xunit;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>The swap against real processes: one that is killed while it swaps, and applications that use the database all the time.</summary>
public sealed class SwapWithApplicationsTests
{
    /// <summary>So many answers of the application must come while the swap stands still, and after each event.</summary>
    private const int Answers = 4;

    [Fact]
    public Task A_swap_killed_at_any_step_never_shows_an_application_a_mixture() =>
        KillUnderAnApplicationAsync(OldDatabase.WalWithLog, appIsStopped: false, Enum.GetValues<SwapStep>());

    /// <summary>The operator's word is wrong here: the application is not stopped, it only has the file closed now and then.</summary>
    [Fact]
    public Task A_killed_swap_shows_no_mixture_in_rollback_journal_mode_either() =>
        KillUnderAnApplicationAsync(
            OldDatabase.Rollback,
            appIsStopped: true,
            [SwapStep.OldLocked, SwapStep.SafetyCopySynced, SwapStep.SideFilesSynced, SwapStep.Renamed, SwapStep.RenameSynced, SwapStep.NewReleased]);

    [Fact]
    public async Task A_process_that_waits_for_the_old_database_is_waited_for()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var gate = new StepGate(SwapStep.SideFilesSynced);
        var swap = await gate.RunAsync(scene, SwapScene.Patience with { OpenersWaitMax = TimeSpan.FromMinutes(1) });
        using var late = await UsingProcess.OpenAsync(scene.Target, busyMs: 300);
        await late.BeginAddingRowsAsync();
        late.CloseInput();

        gate.Open();

        Assert.Equal("busy", await late.ReadAsync());
        await swap;
        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
    }

    [Fact]
    public async Task A_process_that_never_stops_waiting_for_the_old_database_keeps_it()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var gate = new StepGate(SwapStep.SideFilesSynced);
        var swap = await gate.RunAsync(scene, SwapScene.Patience with { OpenersWaitMax = TimeSpan.FromSeconds(1) });
        using var late = await UsingProcess.OpenAsync(scene.Target, busyMs: 60_000);
        await late.BeginAddingRowsAsync();

        gate.Open();

        var refusal = await Assert.ThrowsAsync<OperatorException>(() => swap);
        Assert.Equal(FailureKind.DatabaseInUse, refusal.Kind);
        Assert.Equal("old", await late.ReadAsync());
        Assert.True(scene.OldRows + 50 == ContentDatabase.CountRows(scene.Target));
        Assert.DoesNotContain(scene.Names, name => name.Contains(".before-", StringComparison.Ordinal) || name.Contains("pending", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nobody_can_tell_who_waits_the_old_database_stays_locked_for_longer_than_they_wait()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var gate = new StepGate(SwapStep.SideFilesSynced);
        var swap = await gate.RunAsync(scene, SwapScene.Patience with { AsksForOpeners = false, OpenersWaitMax = TimeSpan.FromSeconds(4) });
        using var late = await UsingProcess.OpenAsync(scene.Target, busyMs: 300);
        await late.BeginAddingRowsAsync();

        gate.Open();

        Assert.Equal("busy", await late.ReadAsync());
        await swap;
        Assert.Equal("new", ContentDatabase.CheckFile(scene.Target));
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
    }

    [Fact]
    public async Task A_process_that_opened_the_old_database_in_the_instant_of_the_rename_is_outwaited()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var gate = new StepGate(SwapStep.Renamed);
        var swap = await gate.RunAsync(scene, SwapScene.Patience);
        using var late = await UsingProcess.OpenAsync(scene.SafetyCopy, busyMs: 300);
        await late.BeginAddingRowsAsync();
        late.CloseInput();

        gate.Open();

        Assert.Equal("busy", await late.ReadAsync());
        Assert.Empty((await swap).Warnings);
        Assert.Equal(scene.OldRows, ContentDatabase.CountRows(scene.SafetyCopy));
    }

    [Fact]
    public async Task Root_without_the_right_to_leases_watches_as_the_owner_and_keeps_no_lease()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "Needs root and setpriv.");
        using var scene = new SwapScene(OldDatabase.Wal);
        using (var file = Posix.OpenHandle(scene.Target, Posix.OpenReadWrite, mode: 0))
        {
            Assert.Equal(0, Posix.ChangeOwner(file, 4711, 4711));
        }

        using var swap = UsingProcess.StartSwappingWithoutLeaseRight(scene, SwapStep.Renamed);
        Assert.Equal("reached", await swap.ReadAsync());

        var old = FileFacts.Of(scene.SafetyCopy)!.Value.Inode;
        var leases = File.ReadLines("/proc/locks").Where(line => line.Contains("LEASE", StringComparison.Ordinal) && line.Contains($":{old} ", StringComparison.Ordinal));
        Assert.Empty(leases);
        swap.CloseInput();
        Assert.Equal("done", await swap.ReadAsync());
    }

    [Fact]
    public async Task A_process_that_does_not_let_go_of_the_old_database_is_told_of()
    {
        using var scene = new SwapScene(OldDatabase.WalWithLog);
        using var gate = new StepGate(SwapStep.Renamed);
        var swap = await gate.RunAsync(scene, SwapScene.Patience with { LateComersWaitMax = TimeSpan.FromMilliseconds(20) });
        using var late = await UsingProcess.OpenAsync(scene.SafetyCopy, busyMs: 0);

        gate.Open();

        Assert.Contains($"process {late.Id}", Assert.Single((await swap).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_swap_holds_the_database_every_process_finds_it_busy()
    {
        foreach (var step in new[] { SwapStep.OldLocked, SwapStep.SafetyCopySynced, SwapStep.SideFilesSynced, SwapStep.Renamed, SwapStep.RenameSynced })
        {
            using var scene = new SwapScene(OldDatabase.WalWithLog);
            using var gate = new StepGate(step);
            var swap = await gate.RunAsync(scene, SwapScene.Patience with { OpenersWaitMax = TimeSpan.FromMinutes(1) });

            using (var other = await UsingProcess.AttachingAsync(scene.Target))
            {
                Assert.Equal("busy", await other.ReadAsync());
            }

            gate.Open();
            await swap;
        }
    }

    private static async Task KillUnderAnApplicationAsync(OldDatabase old, bool appIsStopped, SwapStep[] steps)
    {
        using var application = UsingProcess.StartLooping();
        foreach (var step in steps)
        {
            using var scene = new SwapScene(old);
            var seen = new List<string>();
            await application.WriteAsync(scene.Target);
            await CollectAsync(application, seen, until: "old");

            using (var swap = UsingProcess.StartSwapping(scene, appIsStopped, step))
            {
                var reached = swap.ReadAsync();
                while (!reached.IsCompleted)
                {
                    seen.Add(await application.ReadAsync());
                }

                Assert.Equal("reached", await reached);
                await CollectAsync(application, seen, Answers);
                await swap.KillAsync();
            }

            var now = step < SwapStep.Renamed ? "old" : "new";
            await CollectAsync(application, seen, until: now);
            await CollectAsync(application, seen, Answers);
            SwapRecovery.FinishOrUndo(scene.Target);
            await CollectAsync(application, seen, Answers);
            await application.WriteAsync(string.Empty);
            await CollectAsync(application, seen, until: "closed");

            var findings = seen.Where(answer => answer is not ("old" or "new" or "busy" or "closed"));
            Assert.Empty(findings);
            Assert.True(seen.IndexOf("new") < 0 || seen.LastIndexOf("old") < seen.IndexOf("new"), $"Killed at {step}, the old database came back: {string.Join(' ', seen)}");
            Assert.Equal(now, ContentDatabase.CheckFile(scene.Target));
            Assert.True(now == "old" || ContentDatabase.CheckFile(scene.SafetyCopy) == "old");
            string[] expected = now == "new" ? ["app.db", "app.db.before-r1"] : step < SwapStep.MarkerPublished ? ["app.db", "app.db.restoring"] : ["app.db"];
            Assert.Equal(expected, scene.Names);
        }
    }

    private static async Task CollectAsync(UsingProcess application, List<string> seen, int count)
    {
        for (var i = 0; i < count; i++)
        {
            seen.Add(await application.ReadAsync());
        }
    }

    private static async Task CollectAsync(UsingProcess application, List<string> seen, string until)
    {
        do
        {
            seen.Add(await application.ReadAsync());
        }
        while (seen[^1] == "busy" || (seen[^1] != until && until == "closed"));

        if (seen[^1] != until)
        {
            throw new InvalidOperationException($"The application found '{seen[^1]}', not '{until}'.");
        }
    }
}
