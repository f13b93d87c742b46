using BackupSidecar.Lifecycle;
using BackupSidecar.Primitives;
using BackupSidecar.Restore;
using Xunit;

namespace BackupSidecar.Tests.Lifecycle;

/// <summary>What a restore replaced: it comes back, is kept, or is removed when every commit of it is stored.</summary>
public sealed class FormerDatabaseTests : IAsyncDisposable
{
    private readonly LifecycleScene _scene = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

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
}
