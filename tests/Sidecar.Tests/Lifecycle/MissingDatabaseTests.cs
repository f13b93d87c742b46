using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>There is no database where an app asks for one: it is filled, or the app is refused, and never starts empty by accident.</summary>
public sealed class MissingDatabaseTests : IAsyncDisposable
{
    private readonly LifecycleScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

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

    [Fact]
    public async Task That_a_repository_could_not_be_asked_for_a_newer_point_is_told_with_the_restore()
    {
        _scene.AddFarther(_ => throw new OperatorException(FailureKind.Failed, "The line is down.", "Wait."));
        await _scene.StartAsync();
        _scene.RemoveDatabase();

        var prepared = await _scene.PrepareAsync("instance-1");

        Assert.Equal("backed up", _scene.Read());
        Assert.Equal("Whether repository 'offsite' holds a newer position is not known: The line is down.", Assert.Single(prepared.Warnings));
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
}
