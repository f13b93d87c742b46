using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Restore;
using BackupSidecar.Store;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Compaction;
using BackupSidecar.Tests.Sync;
using Xunit;

namespace BackupSidecar.Tests.Restore;

/// <summary>The nearest repository that has the point gives it, and the next one where that fails, also in the middle.</summary>
public sealed class RestoreOriginsTests : IDisposable
{
    private readonly CompactionScene _scene = new();
    private readonly ScratchDirectory _directory = new();
    private readonly MemoryStore _remote = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Output => _directory.Join("restored.db");

    public void Dispose()
    {
        _scene.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_nearest_one_is_enough_and_the_others_are_only_asked_whether_they_know_a_newer_point()
    {
        await CaptureAndSyncAsync();
        var asked = new FaultyStore(_remote, fault: null);

        var result = await RestoreAsync(_scene.Store, asked);

        Assert.Empty(result.Warnings);
        Assert.DoesNotContain(asked.Log, call => call.StartsWith("open packs/", StringComparison.Ordinal));
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task Where_a_backup_is_named_nobody_else_is_asked_and_where_a_position_is_only_names_are()
    {
        await CaptureAndSyncAsync();
        await _scene.NameAsync();
        var asked = new FaultyStore(_remote, fault: null);

        Assert.Empty((await RestoreAsync(_scene.Store, asked, RestoreChoice.Newest with { Backup = Assert.Single((await _scene.CatalogAsync()).Manifests).Name.Backup.ToString() })).Warnings);
        Assert.Empty(asked.Log);
        await AssertRestoredAsync();

        File.Delete(Output);
        Assert.Empty((await RestoreAsync(_scene.Store, asked, RestoreChoice.Newest with { Position = "2" })).Warnings);
        Assert.DoesNotContain(asked.Log, call => call.StartsWith("open packs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_that_was_set_back_and_has_gone_on_is_named_with_the_other_one_whatever_is_asked_of_it()
    {
        await CaptureAndSyncAsync();
        var (line, before) = (_scene.Newest.Timeline, _scene.ImageOf(_scene.Newest));
        await GoOnFromSetBackAsync();
        var warning =
            "THIS MAY NOT BE THE STATE YOU WANT. Repositories 'local' and 'offsite' hold two histories of source 'app': position 3 was captured at 2026-03-01 12:01:00Z in 'local', and at 2026-03-01 12:00:02Z in 'offsite'. " +
            "Repository 'local' ends with position 3, of 2026-03-01 12:01:00Z, and repository 'offsite' with position 3, of 2026-03-01 12:00:02Z. " +
            "Was this host or its volume set back to an earlier state, or copied? A position alone does not tell which is meant: 'backup-sidecar restore --config FILE' with '--repository-name offsite' takes the history of 'offsite', with '--repository-name local' that of 'local'.";

        foreach (var choice in (RestoreChoice[])[RestoreChoice.Newest, RestoreChoice.Newest with { Position = "3" }, RestoreChoice.Newest with { Position = $"3@{line}" }, RestoreChoice.Newest with { At = _scene.Time.GetUtcNow() }])
        {
            Assert.Equal(warning, Assert.Single((await RestoreAsync(_scene.Store, _remote, choice)).Warnings));
            Assert.Equal(warning, Assert.Single((await Origins(_scene.Store, _remote).PlanAsync("app", choice, isAttended: true, _scene.Time, Ct)).Warnings));
            await AssertRestoredAsync();
            File.Delete(Output);
            _ = await Assert.ThrowsAsync<NewerElsewhereException>(async () => await Origins(_scene.Store, _remote).PlanAsync("app", choice, isAttended: false, _scene.Time, Ct));
        }

        _ = await Assert.ThrowsAsync<NewerElsewhereException>(() => FillAsync(_scene.Store, _remote, startEmpty: false));
        _ = await Assert.ThrowsAsync<NewerElsewhereException>(async () => await Origins(_scene.Store, _remote).TryPlanNewestAsync("app", _scene.Time, Ct));

        // Also where it has gone on, and where a position is older than both.
        await _scene.CaptureAtAsync(90);
        Assert.Contains("position 3 was captured", Assert.Single((await RestoreAsync(_scene.Store, _remote)).Warnings), StringComparison.Ordinal);
        File.Delete(Output);
        Assert.Empty((await RestoreAsync(_scene.Store, _remote, RestoreChoice.Newest with { Position = "2" })).Warnings);
        File.Delete(Output);

        // What the warning says works.
        var only = new RestoreOrigins([new RestoreOrigin("offsite", ct => BackupRepository.OpenForReadingAsync(_remote, ct))]);
        Assert.Empty((await new RestoreRun(only, new RestoreOptions { OutputPath = Output, IfMissing = true, SqliteChecks = false, Workers = 1 }, _scene.Time, progress: null).ExecuteAsync(Ct)).Warnings);
        Assert.Equal(before, await File.ReadAllBytesAsync(Output, Ct));
    }

    [Fact]
    public async Task A_number_that_was_given_again_on_another_timeline_is_another_history()
    {
        await CaptureAndSyncAsync();
        await GoOnFromSetBackAsync(TimelineId.New());

        Assert.Contains("hold two histories", Assert.Single((await RestoreAsync(_scene.Store, _remote)).Warnings), StringComparison.Ordinal);
        File.Delete(Output);
        Assert.Contains("hold two histories", Assert.Single((await RestoreAsync(_scene.Store, _remote, RestoreChoice.Newest with { Position = "3" })).Warnings), StringComparison.Ordinal);
        File.Delete(Output);
        Assert.Empty((await RestoreAsync(_scene.Store, _remote, RestoreChoice.Newest with { Position = $"3@{_scene.Newest.Timeline}" })).Warnings);
    }

    [Fact]
    public async Task What_compaction_has_merged_away_here_and_what_is_not_there_yet_is_no_other_history()
    {
        for (var second = 0; second < 6; second++)
        {
            await _scene.CaptureAtAsync(second);
            _ = await SyncScene.SyncAsync(_scene, _remote);
        }

        await _scene.CaptureAtAsync(600, 601);
        for (var pass = 0; pass < 3; pass++)
        {
            _scene.Time.Advance(TimeSpan.FromHours(2));
            _ = await _scene.CompactAsync();
        }

        Assert.NotEmpty((await SyncScene.CatalogOfAsync(_remote)).Packs.Select(pack => pack.Name.To).Except((await _scene.CatalogAsync()).Packs.Select(pack => pack.Name.To)));

        Assert.Empty((await RestoreAsync(_scene.Store, _remote)).Warnings);
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task Damage_that_shows_in_the_middle_is_not_made_good_by_the_same_number_of_another_history()
    {
        await CaptureAndSyncAsync();
        await GoOnFromSetBackAsync();
        var full = (await _scene.CatalogAsync()).Packs.First(pack => pack.Name.IsFull);
        _scene.Store.Flip(full.Name.ToString(), 300, 1);

        var e = await Assert.ThrowsAsync<OperatorException>(() => RestoreAsync(_scene.Store, _remote));

        Assert.Contains("Repository 'offsite' holds another database under position 3", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.FullPath));
    }

    [Fact]
    public async Task A_person_who_restores_from_a_repository_that_was_set_back_is_warned_and_told_how_to_get_the_newer_state()
    {
        await CaptureAndSyncAsync();
        var earlier = await SetBackAsync();
        var line = _scene.Newest.Timeline;

        var result = await RestoreAsync(earlier, _remote);

        Assert.Equal(_scene.ImageOf(_scene.History[1].Position), await File.ReadAllBytesAsync(Output, Ct));
        Assert.Equal(
            "THIS MAY NOT BE THE NEWEST STATE. Repository 'local' ends with position 2 of source 'app', and repository 'offsite' knows position 3, of 2026-03-01 12:00:02Z. " +
            $"Was this host or its volume set back to an earlier state? 'backup-sidecar restore' with '--position 3@{line}' takes the newer one, with '--position 2@{line}' the one at hand.",
            Assert.Single(result.Warnings));
        var plan = await new RestoreRun(Origins(earlier, _remote), new RestoreOptions { OutputPath = Output }, _scene.Time, progress: null).PlanAsync(Ct);
        Assert.Equal(result.Warnings, plan.Warnings);

        File.Delete(Output);
        var options = new RestoreOptions { OutputPath = Output, Choice = RestoreChoice.Newest with { Position = $"3@{line}" }, SqliteChecks = false, Workers = 1 };
        _ = await new RestoreRun(Origins(earlier, _remote), options, _scene.Time, progress: null).ExecuteAsync(Ct);
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task What_fills_a_missing_database_without_a_person_is_not_restored_from_a_repository_that_was_set_back()
    {
        await CaptureAndSyncAsync();

        _ = await Assert.ThrowsAsync<NewerElsewhereException>(async () => await FillAsync(await SetBackAsync(), _remote, startEmpty: false));

        Assert.Empty(Directory.GetFiles(_directory.FullPath));
    }

    [Fact]
    public async Task A_repository_that_is_away_or_does_not_answer_keeps_nobody_from_what_is_at_hand_and_is_named()
    {
        await CaptureAndSyncAsync();
        var away = await RestoreAsync(_scene.Store, new FaultyStore(_remote, Fault.PermissionLost(1)));
        Assert.StartsWith("Whether repository 'offsite' holds a newer position is not known: ", Assert.Single(away.Warnings), StringComparison.Ordinal);
        await AssertRestoredAsync();

        File.Delete(Output);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var origins = new RestoreOrigins(
        [
            new RestoreOrigin("local", ct => BackupRepository.OpenForReadingAsync(_scene.Store, ct)),
            new RestoreOrigin("offsite", async ct =>
            {
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                throw new InvalidOperationException("It never answers.");
            }),
        ]);
        var restoring = new RestoreRun(origins, new RestoreOptions { SourceName = "app", OutputPath = Output, SqliteChecks = false, Workers = 1 }, _scene.Time, progress: null).ExecuteAsync(Ct).AsTask();
        await asked.Task.WaitAsync(Ct);
        _scene.Time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal("Whether repository 'offsite' holds a newer position is not known: it did not answer in time.", Assert.Single((await restoring.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Ct)).Warnings));
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task What_is_lost_near_comes_from_far_and_the_warning_says_so()
    {
        await CaptureAndSyncAsync();

        var result = await RestoreAsync(new MemoryStore(), _remote);

        Assert.StartsWith("Not restored from repository 'local': There is no repository in memory.", Assert.Single(result.Warnings), StringComparison.Ordinal);
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task Damage_that_shows_in_the_middle_starts_over_from_the_next_one()
    {
        await CaptureAndSyncAsync();
        var full = (await _scene.CatalogAsync()).Packs.First(pack => pack.Name.IsFull);
        _scene.Store.Flip(full.Name.ToString(), 300, 1);

        var result = await RestoreAsync(_scene.Store, _remote);

        Assert.Contains(full.Name.ToString(), Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal([Output], Directory.GetFiles(_directory.FullPath));
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task Where_all_fail_the_error_names_each()
    {
        await CaptureAndSyncAsync();
        var broken = new FaultyStore(_remote, Fault.PermissionLost(1));

        var e = await Assert.ThrowsAsync<OperatorException>(() => RestoreAsync(new MemoryStore(), broken));

        Assert.Contains("repository 'local': There is no repository", e.Message, StringComparison.Ordinal);
        Assert.Contains("repository 'offsite': Cannot open repository.json: permission denied.", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.FullPath));
    }

    [Fact]
    public async Task Who_asks_nobody_gets_the_newest_that_is_known_of_or_nothing()
    {
        await CaptureAndSyncAsync();
        var empty = await EmptyAsync();

        Assert.Null(await Origins(empty, await EmptyAsync()).TryPlanNewestAsync("app", _scene.Time, Ct));
        Assert.True(await Origins(empty, await EmptyAsync()).HoldNothingAsync("app", Ct));
        Assert.False(await Origins(empty, _remote).HoldNothingAsync("app", Ct));
        Assert.Equal((_scene.Newest, 1), await Origins(empty, _remote).TryPlanNewestAsync("app", _scene.Time, Ct) is { } planned ? (planned.Plan.Point.Position, planned.Place) : default);

        // The local one knows of a newer position that cannot be rebuilt: an older one must not take its place by itself.
        await _scene.CaptureAtAsync(10, 11);
        var lost = (await _scene.CatalogAsync()).Packs.Single(pack => pack.Name.To == _scene.History[^2].Position);
        _scene.Store.Remove(lost.Name.ToString());
        _ = await Assert.ThrowsAnyAsync<OperatorException>(async () => await Origins(_scene.Store, _remote).TryPlanNewestAsync("app", _scene.Time, Ct));
    }

    [Fact]
    public async Task A_local_repository_that_was_set_back_is_not_restored_from_without_anybodys_word()
    {
        await CaptureAndSyncAsync();
        var earlier = await SetBackAsync();
        Assert.Equal(_scene.Newest, (await Origins(_scene.Store, _remote).TryPlanNewestAsync("app", _scene.Time, Ct))!.Plan.Point.Position);

        var e = await Assert.ThrowsAnyAsync<OperatorException>(async () => await Origins(earlier, _remote).TryPlanNewestAsync("app", _scene.Time, Ct));
        Assert.Contains("repository 'offsite' knows position 3", e.Message, StringComparison.Ordinal);

        // One that is away keeps nobody from what is at hand, and is named.
        var planned = (await Origins(earlier, new FaultyStore(_remote, Fault.PermissionLost(1))).TryPlanNewestAsync("app", _scene.Time, Ct))!;
        Assert.Equal((_scene.History[1].Position, 0), (planned.Plan.Point.Position, planned.Place));
        Assert.StartsWith("Whether repository 'offsite' holds a newer position is not known", Assert.Single(planned.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_cannot_be_read_is_no_proof_that_there_is_no_backup()
    {
        var broken = new FaultyStore(_remote, Fault.PermissionLost(1));
        var origins = Origins(await EmptyAsync(), broken);

        _ = await Assert.ThrowsAnyAsync<OperatorException>(async () => await origins.TryPlanNewestAsync("app", _scene.Time, Ct));
        _ = await Assert.ThrowsAnyAsync<OperatorException>(async () => await origins.HoldNothingAsync("app", Ct));
    }

    [Fact]
    public async Task An_app_that_may_start_empty_does_where_nothing_is_stored_and_nowhere_else()
    {
        // Before the first start of serve there is no local repository.
        var empty = await EmptyAsync();
        var first = await FillAsync(new MemoryStore(), empty, startEmpty: true);
        Assert.True(first.IsEmptyStart);
        Assert.False(File.Exists(Output));

        var refused = await Assert.ThrowsAsync<OperatorException>(() => FillAsync(new MemoryStore(), empty, startEmpty: false));
        Assert.Contains("There is no repository", refused.Message, StringComparison.Ordinal);

        await CaptureAndSyncAsync();
        var broken = new FaultyStore(_remote, Fault.PermissionLost(1));
        _ = await Assert.ThrowsAnyAsync<OperatorException>(() => FillAsync(new MemoryStore(), broken, startEmpty: true));
        _ = await Assert.ThrowsAnyAsync<OperatorException>(() => FillAsync(empty, new MemoryStore(), startEmpty: true));

        var restored = await FillAsync(new MemoryStore(), _remote, startEmpty: true);
        Assert.False(restored.IsEmptyStart);
        await AssertRestoredAsync();
    }

    [Fact]
    public async Task Without_a_name_any_source_counts()
    {
        var empty = await EmptyAsync();
        Assert.True(await Origins(new MemoryStore(), empty).HoldNothingYetAsync("app", Ct));
        Assert.True(await Origins(empty, empty).HoldNothingYetAsync(null, Ct));
        _ = await Assert.ThrowsAsync<OperatorException>(async () => await Origins(empty, new MemoryStore()).HoldNothingYetAsync("app", Ct));
        _ = await Assert.ThrowsAnyAsync<OperatorException>(async () => await Origins(empty, new FaultyStore(_remote, Fault.PermissionLost(1))).HoldNothingYetAsync("app", Ct));

        await CaptureAndSyncAsync();
        foreach (var source in (string?[])["app", null])
        {
            Assert.False(await Origins(_scene.Store, empty).HoldNothingYetAsync(source, Ct));
            Assert.False(await Origins(new MemoryStore(), _remote).HoldNothingYetAsync(source, Ct));
        }
    }

    [Fact]
    public async Task Where_the_nearest_one_fails_before_the_restore_has_begun_the_other_history_of_the_next_one_is_named_too()
    {
        await CaptureAndSyncAsync();
        await GoOnFromSetBackAsync();
        _scene.Store.Flip((await _scene.CatalogAsync()).ChainTo(_scene.Newest).Tip.Name.ToString(), 0, 1);

        var result = await RestoreAsync(_scene.Store, _remote);

        Assert.StartsWith("Not restored from repository 'local': ", result.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("THIS MAY NOT BE THE STATE YOU WANT. Repositories 'local' and 'offsite' hold two histories", result.Warnings[1], StringComparison.Ordinal);
        File.Delete(Output);
        _ = await Assert.ThrowsAsync<NewerElsewhereException>(() => FillAsync(_scene.Store, _remote, startEmpty: false));
        _ = await Assert.ThrowsAsync<NewerElsewhereException>(async () => await Origins(_scene.Store, _remote).TryPlanNewestAsync("app", _scene.Time, Ct));
        Assert.Empty(Directory.GetFiles(_directory.FullPath));
    }

    [Fact]
    public async Task An_older_state_is_told_where_the_nearest_repository_cannot_give_its_newest_one_and_refused_where_nobody_hears_it()
    {
        await CaptureAndSyncAsync();
        var older = _scene.Newest;
        await _scene.CaptureAtAsync(3);
        _scene.Store.Flip((await _scene.CatalogAsync()).ChainTo(_scene.Newest).Tip.Name.ToString(), 0, 1);

        var result = await RestoreAsync(_scene.Store, _remote);

        Assert.StartsWith("Not restored from repository 'local': ", result.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("THIS IS NOT THE NEWEST STATE. Repository 'local' knows position 4", result.Warnings[1], StringComparison.Ordinal);
        Assert.Equal(_scene.ImageOf(older), await File.ReadAllBytesAsync(Output, Ct));
        File.Delete(Output);
        _ = await Assert.ThrowsAsync<NewerElsewhereException>(() => FillAsync(_scene.Store, _remote, startEmpty: false));
        Assert.Empty(Directory.GetFiles(_directory.FullPath));
    }

    private async Task CaptureAndSyncAsync()
    {
        await _scene.CaptureAtAsync(0, 1, 2);
        _ = await SyncScene.SyncAsync(_scene, _remote);
    }

    /// <summary>The local repository as it was before its newest position.</summary>
    private async Task<MemoryStore> SetBackAsync()
    {
        var earlier = _scene.Store.Copy();
        earlier.Remove((await _scene.CatalogAsync()).Packs.Single(pack => pack.Name.To == _scene.Newest).Name.ToString());
        return earlier;
    }

    /// <summary>The local repository was set back before its newest position, whose number is then given again.</summary>
    private async Task GoOnFromSetBackAsync(TimelineId? timeline = null)
    {
        _scene.Store = await SetBackAsync();
        _scene.History.RemoveAt(2);
        _scene.Time.SetUtcNow(CompactionScene.Noon.AddMinutes(1));
        _scene.Change(9, new Random(9));
        _ = await _scene.CaptureAsync(_scene.Newest, timeline ?? _scene.Newest.Timeline);
    }

    private async Task<MemoryStore> EmptyAsync()
    {
        var store = new MemoryStore();
        await using var made = await _scene.OpenAsync(store);
        return store;
    }

    private static RestoreOrigins Origins(IObjectStore near, IObjectStore far) => new(
    [
        new RestoreOrigin("local", ct => BackupRepository.OpenForReadingAsync(near, ct)),
        new RestoreOrigin("offsite", ct => BackupRepository.OpenForReadingAsync(far, ct)),
    ]);

    private async Task<RestoreResult> RestoreAsync(IObjectStore near, IObjectStore far, RestoreChoice? choice = null) =>
        await new RestoreRun(
            Origins(near, far), new RestoreOptions { SourceName = "app", OutputPath = Output, Choice = choice ?? RestoreChoice.Newest, SqliteChecks = false, Workers = 1 }, _scene.Time, progress: null).ExecuteAsync(Ct);

    private async Task<RestoreResult> FillAsync(IObjectStore near, IObjectStore far, bool startEmpty)
    {
        var options = new RestoreOptions { SourceName = "app", OutputPath = Output, IfMissing = true, StartEmpty = startEmpty, SqliteChecks = false, Workers = 1 };
        return await new RestoreRun(Origins(near, far), options, _scene.Time, progress: null).ExecuteAsync(Ct);
    }

    private async Task AssertRestoredAsync() => Assert.Equal(_scene.ImageOf(_scene.Newest), await File.ReadAllBytesAsync(Output, Ct));
}
