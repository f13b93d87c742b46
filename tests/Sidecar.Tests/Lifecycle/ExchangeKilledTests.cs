using BackupSidecar.Lifecycle;
using BackupSidecar.Restore.Swap;
using BackupSidecar.Tests.Restore.Swap;
using Xunit;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>The sidecar ends without warning at each step of putting a restore in place and of taking it back; the app asks the next one.</summary>
public sealed class ExchangeKilledTests : IAsyncDisposable
{
    private LifecycleScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_sidecar_killed_at_any_step_of_placing_gives_the_restored_database_when_it_is_asked_again(string journalMode)
    {
        foreach (var step in Enum.GetValues<SwapStep>())
        {
            var staged = await StageAnewAsync(journalMode);
            await KillAtAsync(step, "instance-1");
            Assert.Equal(step < SwapStep.Renamed ? "newer" : "backed up", _scene.Read());

            await _scene.RestartAsync();
            var prepared = await _scene.PrepareAsync("instance-1");

            Assert.Equal((Preparation.Restored, staged.Id), (prepared.Preparation, prepared.Restore?.Id));
            Assert.Equal("backed up", _scene.Read());
            Assert.Equal("instance-1", Assert.Single(_scene.Newest.Grants).Instance);
            await AssertUndoneAsync(staged.Id);
        }
    }

    [Fact]
    public async Task A_sidecar_killed_at_any_step_of_filling_gives_the_database_when_it_is_asked_again()
    {
        foreach (var step in Enum.GetValues<SwapStep>().Where(step => step is not (SwapStep.SafetyCopyLinked or SwapStep.SafetyCopySynced)))
        {
            await BeginAnewAsync("wal");
            _scene.RemoveDatabase();
            await KillAtAsync(step, "instance-1");

            await _scene.RestartAsync();
            var prepared = await _scene.PrepareAsync("instance-2");

            Assert.Equal("backed up", _scene.Read());
            Assert.Equal(step < SwapStep.Renamed ? Preparation.Restored : Preparation.Existing, prepared.Preparation);
            Assert.Equal((RestoreState.Confirmed, null), (_scene.Newest.State, _scene.Newest.SafetyCopy));
        }
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task A_sidecar_killed_at_any_step_of_taking_back_gives_the_former_database_when_it_is_asked_again(string journalMode)
    {
        foreach (var step in Enum.GetValues<SwapStep>())
        {
            var staged = await StageAnewAsync(journalMode);
            _ = await _scene.PrepareAsync("instance-1");
            _scene.Write("since the restore");
            _ = await _scene.Lifecycle.UndoAsync(staged.Id, Ct);
            await KillAtAsync(step, "instance-2");
            Assert.Equal(step < SwapStep.Renamed ? "since the restore" : "newer", _scene.Read());

            await _scene.RestartAsync();
            var prepared = await _scene.PrepareAsync("instance-2");

            Assert.Equal((Preparation.RolledBack, staged.Id), (prepared.Preparation, prepared.Restore?.Id));
            Assert.Equal("newer", _scene.Read());
            Assert.Equal("since the restore", LifecycleScene.Read(_scene.Newest.SafetyCopy!));
        }
    }

    [Fact]
    public async Task A_sidecar_killed_while_it_places_a_restore_that_nobody_will_confirm_knows_that_afterwards()
    {
        _ = await StageAnewAsync("wal");
        await KillAtAsync(SwapStep.Renamed, "gate-0001", confirms: false);

        await _scene.RestartAsync();

        Assert.Equal(RestoreState.Confirmed, _scene.Newest.State);
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("gate-0002", confirms: false)).Preparation);
        Assert.Equal("backed up", _scene.Read());
    }

    private async Task<RestoreRecord> StageAnewAsync(string journalMode)
    {
        await BeginAnewAsync(journalMode);
        return await _scene.StageAsync();
    }

    private async Task BeginAnewAsync(string journalMode)
    {
        await _scene.DisposeAsync();
        _scene = new LifecycleScene();
        await _scene.StartAsync(journalMode);
    }

    private async Task KillAtAsync(SwapStep step, string instance, bool confirms = true)
    {
        _scene.Reached = reached =>
        {
            if (reached == step)
            {
                throw new SimulatedKillException();
            }
        };
        _ = await Assert.ThrowsAsync<SimulatedKillException>(() => _scene.PrepareAsync(instance, confirms: confirms));
        _scene.Reached = static _ => { };
    }

    /// <summary>Whatever the kill left, the former database is whole and can be had.</summary>
    private async Task AssertUndoneAsync(string id)
    {
        _ = await _scene.Lifecycle.UndoAsync(id, Ct);
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-9")).Preparation);
        Assert.Equal("newer", _scene.Read());
    }
}
