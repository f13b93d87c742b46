using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Repository;
using Xunit;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>Restores in which the app takes part, on real files.</summary>
public sealed class SourceLifecycleTests : IAsyncDisposable
{
    private readonly LifecycleScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task A_staged_restore_is_put_in_place_at_the_next_start_and_confirmed()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        Assert.Equal(RestoreState.Staged, staged.State);
        Assert.Equal("newer", _scene.Read());
        Assert.Equal(staged.Id, _scene.Lifecycle.Look("instance-1").Restart?.RestoreId);

        var prepared = await _scene.PrepareAsync("instance-1");

        Assert.Equal(Preparation.Restored, prepared.Preparation);
        Assert.NotNull(prepared.ConfirmBy);
        Assert.Equal("backed up", _scene.Read());
        Assert.False(_scene.Capture.IsHeld);
        Assert.Equal(staged.Id, _scene.Lifecycle.Look("instance-1").Unconfirmed?.Id);
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);
        Assert.Equal(RestoreState.Confirmed, _scene.Newest.State);
        Assert.True(File.Exists(_scene.Newest.SafetyCopy));
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-2")).Preparation);
    }

    [Fact]
    public async Task The_same_instance_gets_the_same_answer_also_from_a_new_sidecar()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        var first = await _scene.PrepareAsync("instance-1");
        var again = await _scene.PrepareAsync("instance-1");
        await _scene.RestartAsync();
        var later = await _scene.PrepareAsync("instance-1");

        Assert.All([again, later], answer => Assert.Equal((Preparation.Restored, staged.Id, first.ConfirmBy), (answer.Preparation, answer.Restore!.Id, answer.ConfirmBy)));
        _ = Assert.Single(_scene.Newest.Grants);
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public async Task While_somebody_has_the_database_open_it_stays(string journalMode)
    {
        await _scene.StartAsync(journalMode);
        var staged = await _scene.StageAsync();
        using (_scene.Lifecycle.Watching("instance-1"))
        {
            var beside = await _scene.PrepareAsync("instance-2");
            Assert.Equal((Preparation.Existing, staged.Id), (beside.Preparation, beside.Restart?.RestoreId));
        }

        if (journalMode == "wal")
        {
            using var app = _scene.Open();
            using var command = app.CreateCommand();
            command.CommandText = "SELECT * FROM said";
            _ = command.ExecuteScalar();
            Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-3")).Preparation);
        }

        Assert.Equal("newer", _scene.Read());
        Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync("instance-4")).Preparation);
        Assert.Equal("backed up", _scene.Read());
    }

    [Fact]
    public async Task An_instance_that_has_its_answer_keeps_its_database()
    {
        await _scene.StartAsync();
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-1")).Preparation);
        _ = await _scene.StageAsync();

        var again = await _scene.PrepareAsync("instance-1");

        Assert.Equal(Preparation.Existing, again.Preparation);
        Assert.NotNull(again.Restart);
        Assert.Equal(0, _scene.Capture.Holds);
    }

    [Fact]
    public async Task An_extension_gives_more_time_and_never_less()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        var first = (await _scene.PrepareAsync("instance-1")).ConfirmBy;

        Assert.Equal(first, await _scene.Lifecycle.ExtendAsync(staged.Id, "instance-1", TimeSpan.FromSeconds(1), Ct));
        Assert.True(await _scene.Lifecycle.ExtendAsync(staged.Id, "instance-1", TimeSpan.FromHours(1), Ct) > first);
        _scene.Time.Step(TimeSpan.FromMinutes(30));
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);
        Assert.Equal(RestoreState.Confirmed, _scene.Newest.State);
    }

    [Fact]
    public async Task After_three_instances_that_did_not_confirm_the_fourth_gets_the_former_database()
    {
        await _scene.StartAsync();
        _ = await _scene.StageAsync();
        for (var i = 1; i <= DatabasePreparer.UnconfirmedInstancesMax; i++)
        {
            Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync($"instance-{i}")).Preparation);
        }

        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-4")).Preparation);
        Assert.Equal("newer", _scene.Read());
    }

    [Fact]
    public async Task A_gate_that_prepares_without_confirming_leaves_a_restore_of_another_instance_to_that_one()
    {
        await _scene.StartAsync();
        _ = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");

        for (var gate = 0; gate < 5; gate++)
        {
            Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync($"gate-000{gate}", confirms: false)).Preparation);
        }

        Assert.Equal(RestoreState.Unconfirmed, _scene.Newest.State);
        Assert.Equal("instance-1", Assert.Single(_scene.Newest.Grants).Instance);
    }

    [Fact]
    public async Task Instances_that_still_run_do_not_count_as_ones_that_failed()
    {
        await _scene.StartAsync();
        _ = await _scene.StageAsync();
        List<IDisposable> running = [];
        for (var i = 1; i <= DatabasePreparer.UnconfirmedInstancesMax + 2; i++)
        {
            Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync($"instance-{i}")).Preparation);
            running.Add(_scene.Lifecycle.Watching($"instance-{i}"));
        }

        Assert.Equal(RestoreState.Unconfirmed, _scene.Newest.State);
        running.ForEach(instance => instance.Dispose());
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-9")).Preparation);
    }

    [Fact]
    public async Task A_stale_or_foreign_confirmation_is_refused()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");

        Assert.Equal(LifecycleRefusal.NoSuchGrant, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync("0123456789abcdef", "instance-1", Ct))).Refusal);
        Assert.Equal(LifecycleRefusal.NoSuchGrant, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-9", Ct))).Refusal);
        Assert.Equal(RestoreState.Unconfirmed, _scene.Newest.State);
    }

    [Fact]
    public async Task A_cancelled_restore_leaves_nothing_behind()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        Assert.Equal(LifecycleRefusal.RestoreUnderWay, (await Assert.ThrowsAsync<LifecycleException>(_scene.StageAsync)).Refusal);

        Assert.Equal(RestoreState.Cancelled, (await _scene.Lifecycle.CancelAsync(staged.Id, Ct)).State);

        Assert.False(File.Exists(staged.StagedPath));
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-1")).Preparation);
        Assert.Equal("newer", _scene.Read());
        Assert.Equal(LifecycleRefusal.RestoreNotCancellable, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.CancelAsync(staged.Id, Ct))).Refusal);
    }

    [Fact]
    public async Task Another_version_of_the_app_keeps_a_backup_first()
    {
        await _scene.StartAsync();
        _ = await _scene.PrepareAsync("instance-1", "1.0");
        _ = await _scene.PrepareAsync("instance-2", "1.0");
        Assert.Empty(_scene.Capture.Kept);

        _ = await _scene.PrepareAsync("instance-3", "2.0");

        Assert.Equal("before 2.0", Assert.Single(_scene.Capture.Kept));
    }

    [Fact]
    public async Task A_damaged_journal_stops_everything_and_says_so()
    {
        await _scene.StartAsync();
        _ = await _scene.StageAsync();
        await _scene.Lifecycle.DisposeAsync();
        var text = await File.ReadAllTextAsync(_scene.Journal, Ct);
        await File.WriteAllTextAsync(_scene.Journal, text.Replace("Staged", "Failed", StringComparison.Ordinal), Ct);
        await _scene.RestartAsync();

        var failure = await Assert.ThrowsAsync<OperatorException>(() => _scene.PrepareAsync("instance-1"));

        Assert.Contains(_scene.Journal, failure.Message, StringComparison.Ordinal);
        Assert.Equal("newer", _scene.Read());
    }

    [Fact]
    public async Task A_restore_of_the_newest_point_says_that_another_repository_knows_a_newer_one()
    {
        await using var farther = await BackupRepository.OpenForWritingAsync(new MemoryStore(), "the test", createIfMissing: true, TimeProvider.System, Ct);
        _ = await RepositorySamples.PublishBackupAsync(farther, await farther.RegisterSourceAsync("app", Ct), 0, 9);
        _scene.AddFarther(_ => ValueTask.FromResult<IRepositoryReader>(farther));
        await _scene.StartAsync();

        var staged = await _scene.StageAsync();

        Assert.Equal((RestoreState.Staged, 1UL), (staged.State, staged.Position));
        Assert.StartsWith("THIS MAY NOT BE THE NEWEST STATE. Repository 'local' ends with position 1 of source 'app', and repository 'offsite' knows position 9", Assert.Single(staged.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_point_that_does_not_exist_begins_nothing()
    {
        await _scene.StartAsync();

        _ = await Assert.ThrowsAsync<OperatorException>(() => _scene.Lifecycle.StageAsync(RestoreChoice.Newest with { Position = "99" }, TimeSpan.Zero, sqliteChecks: true, Ct));

        Assert.Empty(_scene.Lifecycle.Known);
    }

    [Fact]
    public async Task A_store_that_hangs_keeps_no_app_from_its_database()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _scene.Capture.Hangs = true;

        var preparing = _scene.PrepareAsync("instance-1");
        await _scene.Capture.HangingAsync();
        _scene.Time.Step(TimeSpan.FromMinutes(3));
        var prepared = await preparing;

        Assert.Equal((Preparation.Existing, staged.Id), (prepared.Preparation, prepared.Restart?.RestoreId));
        Assert.Contains("took longer", Assert.Single(prepared.Warnings), StringComparison.Ordinal);
        Assert.Equal("newer", _scene.Read());
        _scene.Capture.Hangs = false;
        Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync("instance-2")).Preparation);
    }

    [Fact]
    public async Task A_lifecycle_that_takes_the_place_of_another_lets_nobody_in_before_that_has_ended()
    {
        await _scene.StartAsync();
        _scene.Capture.Hangs = true;
        _ = await _scene.StageAsync();
        var preparing = _scene.PrepareAsync("instance-1");
        await _scene.Capture.HangingAsync();

        await using var successor = _scene.CreateLifecycle();
        var asking = successor.PrepareAsync("instance-2", "", confirms: true, Ct);
        Assert.False(asking.IsCompleted);
        await successor.BeginAsync(_scene.Lifecycle);

        Assert.Equal(LifecycleRefusal.Ending, (await Assert.ThrowsAsync<LifecycleException>(() => preparing)).Refusal);
        Assert.Equal(LifecycleRefusal.Ending, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.PrepareAsync("instance-3"))).Refusal);
        Assert.Equal(Preparation.Restored, (await asking).Preparation);
    }
}
