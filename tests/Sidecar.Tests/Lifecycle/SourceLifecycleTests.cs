using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Restore;
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
    public async Task What_is_not_confirmed_in_time_is_taken_back()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        _scene.Write("since the restore");
        _scene.Time.Step(TimeSpan.FromMinutes(11));

        Assert.True(_scene.Lifecycle.Look("instance-1").Restart?.IsRollback);
        Assert.Equal(LifecycleRefusal.ConfirmationTooLate, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct))).Refusal);
        var prepared = await _scene.PrepareAsync("instance-2");

        Assert.Equal((Preparation.RolledBack, staged.Id), (prepared.Preparation, prepared.Restore!.Id));
        Assert.Equal("newer", _scene.Read());
        Assert.Equal($"before undoing restore {staged.Id}", Assert.Single(_scene.Capture.Kept));
        Assert.True(File.Exists(_scene.Newest.SafetyCopy));
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-2")).Preparation);
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-3")).Preparation);
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
        for (var i = 1; i <= SourceLifecycle.UnconfirmedInstancesMax; i++)
        {
            Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync($"instance-{i}")).Preparation);
        }

        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-4")).Preparation);
        Assert.Equal("newer", _scene.Read());
    }

    [Fact]
    public async Task A_database_that_came_back_while_it_was_being_filled_stays()
    {
        await _scene.StartAsync();
        _scene.RemoveDatabase();
        _scene.Capture.Hangs = true;
        using var impatient = new CancellationTokenSource();
        var preparing = _scene.Lifecycle.PrepareAsync("instance-1", "", confirms: true, impatient.Token);
        await _scene.Capture.HangingAsync();
        await impatient.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => preparing);
        Assert.Equal((RestoreState.Staged, true), (_scene.Newest.State, _scene.Newest.IsFill));
        _scene.Capture.Hangs = false;

        _scene.Write("came back", "wal");

        Assert.Null(_scene.Lifecycle.Look("instance-2").Restart);
        Assert.Equal(Preparation.Existing, (await _scene.PrepareAsync("instance-2")).Preparation);
        Assert.Equal("came back", _scene.Read());
        Assert.Equal((RestoreState.Cancelled, "the database is there again"), (_scene.Newest.State, _scene.Newest.Reason));
        Assert.False(File.Exists(_scene.Newest.StagedPath));
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
        for (var i = 1; i <= SourceLifecycle.UnconfirmedInstancesMax + 2; i++)
        {
            Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync($"instance-{i}")).Preparation);
            running.Add(_scene.Lifecycle.Watching($"instance-{i}"));
        }

        Assert.Equal(RestoreState.Unconfirmed, _scene.Newest.State);
        running.ForEach(instance => instance.Dispose());
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-9")).Preparation);
    }

    [Fact]
    public async Task Where_nobody_will_confirm_a_restore_counts_as_confirmed_and_can_be_undone()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();

        var prepared = await _scene.PrepareAsync("instance-1", confirms: false);

        Assert.Equal((Preparation.Restored, null), (prepared.Preparation, prepared.ConfirmBy));
        Assert.Equal(RestoreState.Confirmed, _scene.Newest.State);
        _ = await _scene.Lifecycle.UndoAsync(staged.Id, Ct);
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-2")).Preparation);
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
    public async Task A_confirmed_restore_can_be_undone()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);

        _ = await _scene.Lifecycle.UndoAsync(staged.Id, Ct);

        Assert.True(_scene.Lifecycle.Look("instance-1").Restart?.IsRollback);
        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-2")).Preparation);
        Assert.Equal("newer", _scene.Read());
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_sidecar_goes_on_with_what_is_staged_and_stages_anew_what_is_gone(bool isGone)
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        await _scene.Lifecycle.DisposeAsync();
        if (isGone)
        {
            File.Delete(staged.StagedPath!);
        }

        await _scene.RestartAsync();
        await _scene.Lifecycle.StagedOrFailedAsync(Ct);

        Assert.Equal((RestoreState.Staged, staged.Id), (_scene.Newest.State, _scene.Newest.Id));
        Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync("instance-1")).Preparation);
        Assert.Equal("backed up", _scene.Read());
    }

    [Fact]
    public async Task A_missing_database_is_filled_from_the_newest_restore_point()
    {
        await _scene.StartAsync();
        _scene.RemoveDatabase();

        var prepared = await _scene.PrepareAsync("instance-1");

        Assert.Equal((Preparation.Restored, null), (prepared.Preparation, prepared.ConfirmBy));
        Assert.Equal("backed up", _scene.Read());
        Assert.Equal((RestoreState.Confirmed, true), (_scene.Newest.State, _scene.Newest.IsFill));
        Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync("instance-1")).Preparation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_backup_an_app_starts_empty_only_where_that_is_configured(bool startEmpty)
    {
        await _scene.StartAsync(withBackup: false, startEmpty: startEmpty);
        _scene.RemoveDatabase();

        if (startEmpty)
        {
            Assert.Equal(Preparation.Empty, (await _scene.PrepareAsync("instance-1")).Preparation);
        }
        else
        {
            Assert.Equal(LifecycleRefusal.NoBackupExists, (await Assert.ThrowsAsync<LifecycleException>(() => _scene.PrepareAsync("instance-1"))).Refusal);
        }
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
    public async Task What_somebody_else_replaced_is_not_taken_back()
    {
        await _scene.StartAsync();
        _ = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        File.Copy(_scene.Database, _scene.Database + ".new");
        File.Move(_scene.Database + ".new", _scene.Database, overwrite: true);
        _scene.Write("another file");
        _scene.Time.Step(TimeSpan.FromMinutes(11));

        var prepared = await _scene.PrepareAsync("instance-2");

        Assert.Equal(Preparation.Existing, prepared.Preparation);
        Assert.Contains("something else has replaced it", Assert.Single(prepared.Warnings), StringComparison.Ordinal);
        Assert.Equal("another file", _scene.Read());
    }

    [Fact]
    public async Task A_restore_point_that_does_not_exist_begins_nothing()
    {
        await _scene.StartAsync();

        _ = await Assert.ThrowsAsync<OperatorException>(() => _scene.Lifecycle.StageAsync(RestoreChoice.Newest with { Position = "99" }, TimeSpan.Zero, sqliteChecks: true, Ct));

        Assert.Empty(_scene.Lifecycle.Known);
    }

    [Fact]
    public async Task A_restored_database_that_is_gone_is_filled_anew()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        File.Delete(_scene.Database);

        var prepared = await _scene.PrepareAsync("instance-1");

        Assert.Equal((Preparation.Restored, true), (prepared.Preparation, prepared.Restore!.IsFill));
        Assert.Equal("backed up", _scene.Read());
        var former = _scene.Lifecycle.Known.Single(restore => restore.Id == staged.Id);
        Assert.Equal((RestoreState.Failed, "the restored database is gone"), (former.State, former.Reason));
        Assert.Equal("newer", LifecycleScene.Read(former.SafetyCopy!));
    }

    [Fact]
    public async Task A_restored_database_that_is_gone_can_still_be_taken_back()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        _ = await _scene.Lifecycle.UndoAsync(staged.Id, Ct);
        File.Delete(_scene.Database);

        Assert.Equal(Preparation.RolledBack, (await _scene.PrepareAsync("instance-2")).Preparation);
        Assert.Equal("newer", _scene.Read());
        Assert.Null(_scene.Newest.SafetyCopy);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_database_that_is_deleted_while_an_instance_runs_is_given_to_nobody(bool isStaged)
    {
        await _scene.StartAsync();
        if (isStaged)
        {
            _ = await _scene.StageAsync();
        }

        using (_scene.Lifecycle.Watching("instance-1"))
        {
            _scene.RemoveDatabaseFiles();
            var failure = await Assert.ThrowsAsync<OperatorException>(() => _scene.PrepareAsync("instance-2"));
            Assert.Equal(FailureKind.DatabaseInUse, failure.Kind);
            Assert.False(File.Exists(_scene.Database));
        }

        Assert.Equal(Preparation.Restored, (await _scene.PrepareAsync("instance-2")).Preparation);
        Assert.Equal("backed up", _scene.Read());
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

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    public async Task A_replaced_database_is_removed_when_its_time_is_over_if_every_commit_of_it_is_stored(bool isStored, bool isCaptured, bool isRemoved)
    {
        await _scene.StartAsync();
        (_scene.Capture.IsStored, _scene.Capture.IsCaptured) = (isStored, isCaptured);
        var staged = await _scene.StageAsync();
        var prepared = await _scene.PrepareAsync("instance-1");
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);
        var copy = _scene.Newest.SafetyCopy!;
        Assert.Equal(isRemoved, !prepared.Warnings.Any(warning => warning.Contains("until you remove it", StringComparison.Ordinal)));

        _scene.Time.Step(TimeSpan.FromDays(8));

        // Behind what the timer has begun.
        _ = await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync("0123456789abcdef", "instance-9", Ct));
        Assert.Equal(!isRemoved, File.Exists(copy));
        Assert.Equal(isRemoved, _scene.Newest.SafetyCopy is null);
    }

    [Fact]
    public async Task What_somebody_put_in_the_place_of_a_replaced_database_is_left_alone()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        await _scene.Lifecycle.ConfirmAsync(staged.Id, "instance-1", Ct);
        var copy = _scene.Newest.SafetyCopy!;
        File.Move(copy, copy + ".moved");
        await File.WriteAllTextAsync(copy, "mine", Ct);

        _scene.Time.Step(TimeSpan.FromDays(8));

        _ = await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync("0123456789abcdef", "instance-9", Ct));
        Assert.Equal("mine", await File.ReadAllTextAsync(copy, Ct));
        Assert.Null(_scene.Newest.SafetyCopy);
    }

    [Fact]
    public async Task What_was_committed_since_a_restore_stays_in_its_file_where_it_could_not_be_stored()
    {
        await _scene.StartAsync();
        var staged = await _scene.StageAsync();
        _ = await _scene.PrepareAsync("instance-1");
        _ = await _scene.Lifecycle.UndoAsync(staged.Id, Ct);
        _scene.Write("since the restore");
        _scene.Capture.IsStored = false;

        var prepared = await _scene.PrepareAsync("instance-2");

        Assert.Equal(Preparation.RolledBack, prepared.Preparation);
        Assert.Contains("until you remove it", Assert.Single(prepared.Warnings), StringComparison.Ordinal);
        Assert.Empty(_scene.Capture.Kept);
        _scene.Time.Step(TimeSpan.FromDays(8));
        _ = await Assert.ThrowsAsync<LifecycleException>(() => _scene.Lifecycle.ConfirmAsync("0123456789abcdef", "instance-9", Ct));
        Assert.Equal("since the restore", LifecycleScene.Read(_scene.Newest.SafetyCopy!));
    }

    [Fact]
    public async Task A_store_that_is_not_there_any_more_never_lets_an_app_start_empty()
    {
        await _scene.StartAsync(startEmpty: true);
        _scene.RemoveDatabase();
        Directory.Move(_scene.Repository, _scene.Repository + "-unmounted");
        _ = Directory.CreateDirectory(_scene.Repository);

        var failure = await Assert.ThrowsAsync<OperatorException>(() => _scene.PrepareAsync("instance-1"));

        Assert.Equal(FailureKind.RepositoryMissing, failure.Kind);
        Assert.False(File.Exists(_scene.Database));
    }

    [Fact]
    public async Task Backups_of_a_source_whose_name_is_lost_never_let_an_app_start_empty()
    {
        await _scene.StartAsync(startEmpty: true);
        _scene.RemoveDatabase();
        foreach (var record in Directory.GetFiles(Path.Join(_scene.Repository, "sources")))
        {
            File.Delete(record);
        }

        var failure = await Assert.ThrowsAsync<OperatorException>(() => _scene.PrepareAsync("instance-1"));

        Assert.Equal(FailureKind.VerificationFailed, failure.Kind);
        Assert.Contains("name is lost", failure.Message, StringComparison.Ordinal);
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
