using System.Collections.Concurrent;
using BackupSidecar.Compaction;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Ledger;
using BackupSidecar.Primitives;
using BackupSidecar.Repository;
using BackupSidecar.Sync;
using BackupSidecar.Testing.Store;
using BackupSidecar.Tests.Repository;
using BackupSidecar.Verify;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>Many sources in one process: none waits for another, and the end gives each its final capture.</summary>
public sealed class ServeHostTests : IDisposable
{
    private readonly ServeBench _bench = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_failing_source_is_shown_and_tried_again_and_the_others_go_on()
    {
        _bench.Scripts["bad"] = [_ => throw new OperatorException(FailureKind.Failed, "the disk is on fire", "Put it out."), ScriptedSource.FollowAsync];
        _bench.WriteConfiguration("""{ "path": "/d/bad.db" }, { "path": "/d/good.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        _ = await _bench.NextAsync();
        await _bench.UntilAsync(() => _bench.Log.Contains("source 'bad' failed: the disk is on fire", StringComparison.Ordinal), TimeSpan.Zero, "the failure in the log");

        Assert.Equal(SourceState.Failing, StatusOf("bad").State);
        var trouble = StatusOf("bad").Trouble!;
        Assert.Equal(("the disk is on fire", "Put it out."), (trouble.Message, trouble.Hint));
        Assert.InRange((trouble.NextTryAt!.Value - trouble.At).TotalSeconds, 0.8, 1.2);
        Assert.Equal(SourceState.Following, StatusOf("good").State);

        var second = await NextTryAsync();
        Assert.Equal("bad", second.Definition.Name);
        Assert.Equal(SourceState.Following, StatusOf("bad").State);
        Assert.Equal((null, null), (StatusOf("bad").Trouble!.NextTryAt, StatusOf("bad").Trouble!.OverAt));

        _bench.Time.SetUtcNow(trouble.At.AddHours(1));
        second.CaughtUp.SetResult();
        await _bench.UntilAsync(() => _bench.Log.Contains("source 'bad' has caught up again, 1h after it failed first", StringComparison.Ordinal), TimeSpan.Zero, "the recovery in the log");
        Assert.NotNull(StatusOf("bad").Trouble!.OverAt);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_backup_that_is_due_is_kept_and_one_that_fails_is_tried_again_soon()
    {
        var begun = _bench.Time.GetUtcNow();
        var kept = new ConcurrentQueue<string>();
        _bench.Keep = (status, labels) =>
        {
            kept.Enqueue($"{status.Name}: {string.Join(", ", labels)}");
            return kept.Count > 1 ? ValueTask.FromResult(RepositorySamples.SampleBackup()) : throw new OperatorException(FailureKind.Failed, "no space", "Make room.");
        };
        _bench.WriteConfiguration("""{ "path": "/d/a.db", "backupEvery": "1h" }""");
        _bench.Start();
        (await _bench.NextAsync()).CaughtUp.SetResult();
        Assert.Equal([new NextRun("backup", begun.AddHours(1))], StatusOf("a").NextRuns);

        // The first look at the disks comes after the schedule has begun: from here on it looks every ten seconds.
        await _bench.UntilAsync(() => _bench.Host.Status.Disks.Count > 0, TimeSpan.Zero, "the look at the disks");
        var due = begun.AddHours(1);
        await _bench.UntilAsync(() => StatusOf("a").Runs.Backups.Failed == 1, TimeSpan.FromSeconds(10), "the first, which fails", until: due.AddSeconds(10));
        var failure = StatusOf("a").Runs.LastFailure!;
        Assert.Equal(("no space", RunKind.Backup), (failure.Message, failure.Kind));
        Assert.InRange(failure.At, due, due.AddSeconds(10));
        Assert.Equal(failure.At.AddMinutes(5), Assert.Single(StatusOf("a").NextRuns).At);
        await _bench.UntilAsync(() => StatusOf("a").Runs.Backups.Succeeded == 1, TimeSpan.FromSeconds(10), "the next, which does not");

        Assert.Equal(["a: scheduled", "a: scheduled"], kept);
        Assert.Equal(StatusOf("a").Runs.Backups.LastSuccessAt!.Value.AddHours(1), Assert.Single(StatusOf("a").NextRuns).At);
        Assert.Contains("source 'a': its scheduled backup failed: no space", _bench.Log, StringComparison.Ordinal);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task What_has_not_changed_since_its_last_backup_is_not_kept_again()
    {
        _bench.IsNewestKept = true;
        _bench.WriteConfiguration("""{ "path": "/d/a.db", "backupEvery": "1h" }""");
        _bench.Start();
        (await _bench.NextAsync()).CaughtUp.SetResult();

        // The bench fails whatever is kept.
        await _bench.UntilAsync(() => StatusOf("a").Runs.Backups.Succeeded == 2, TimeSpan.FromSeconds(10), "two backups that are due");

        Assert.Equal(0, StatusOf("a").Runs.Backups.Failed);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_database_that_cannot_be_looked_at_is_a_problem_of_its_own()
    {
        await File.WriteAllTextAsync(_bench.Join("file"), "in the way", Ct);
        _bench.WriteConfiguration($$"""{ "path": "{{_bench.Join("file/bad.db")}}" }, { "path": "/d/good.db" }""");
        _bench.Start();
        await _bench.UntilAsync(() => _bench.Host.IsResolved, TimeSpan.Zero, "the sources");

        Assert.Contains("file/bad.db cannot be prepared for its app", Assert.Single(_bench.Host.Status.Problems), StringComparison.Ordinal);
        Assert.Null(_bench.Host.FindLifecycle("bad"));
        Assert.NotNull(_bench.Host.FindLifecycle("good"));
        await _bench.UntilAsync(() => StatusOf("good").State == SourceState.Following, TimeSpan.Zero, "the other one to be followed");
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_drill_that_does_not_restore_counts_as_failed_and_puts_the_source_at_risk()
    {
        await using var repository = await BackupRepository.OpenForWritingAsync(new MemoryStore(), "the test", createIfMissing: true, TimeProvider.System, Ct);
        _ = await RepositorySamples.PublishBackupAsync(repository, await repository.RegisterSourceAsync("a", Ct), 0, 1);
        _bench.Repository = repository;
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();

        var result = await _bench.Host.VerifyAsync("a", VerifyLevel.Drill, new Progress<ProgressReport>(), Ct);

        Assert.False(result.IsProved);
        Assert.Equal((0, 1), (StatusOf("a").Runs.Drills.Succeeded, StatusOf("a").Runs.Drills.Failed));
        Assert.Equal(ProtectionLevel.Unsafe, StatusOf("a").Protection!.Level);
        Assert.Contains("What is stored is damaged: Pack", StatusOf("a").Protection!.Reasons[0], StringComparison.Ordinal);
        Assert.Contains(StatusOf("a").Protection!.Reasons, reason => reason.Contains("The last drill failed", StringComparison.Ordinal));
        Assert.Empty(await _bench.EndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damage_that_is_found_asks_for_a_full_and_nothing_is_promised_until_it_is_stored(bool isScheduled)
    {
        await using var repository = await BackupRepository.OpenForWritingAsync(new MemoryStore(), "the test", createIfMissing: true, TimeProvider.System, Ct);
        _ = await RepositorySamples.PublishBackupAsync(repository, await repository.RegisterSourceAsync("a", Ct), 0, 1);
        _bench.Repository = repository;
        _bench.Keep = (_, _) => ValueTask.FromResult(RepositorySamples.SampleBackup());
        _bench.WriteConfiguration($$"""{ "path": "/d/a.db"{{(isScheduled ? ", \"drillEvery\": \"1h\"" : "")}} }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        if (isScheduled)
        {
            await _bench.UntilAsync(() => StatusOf("a").Runs.Drills.Failed == 1, TimeSpan.FromMinutes(5), "the drill");
        }
        else
        {
            Assert.True((await _bench.Host.VerifyAsync("a", VerifyLevel.Data, new Progress<ProgressReport>(), Ct)).IsDamaged);
        }

        await _bench.UntilAsync(() => _bench.Log.Contains("what is stored is damaged, and a new full is made now", StringComparison.Ordinal), TimeSpan.Zero, "the finding in the log");
        Assert.Equal(ProtectionLevel.Unsafe, StatusOf("a").Protection!.Level);
        var refusal = Assert.Throws<OperatorException>(() => _bench.Host.EnsureSound("a"));
        Assert.Equal(FailureKind.VerificationFailed, refusal.Kind);
        Assert.Contains("is damaged", refusal.Message, StringComparison.Ordinal);
        _ = await Assert.ThrowsAsync<OperatorException>(async () => await _bench.Host.KeepNewestAsync(StatusOf("a"), [], Ct));

        _ = _bench.Damage.Healed("a", 8, _bench.Time.GetUtcNow());
        _bench.Host.EnsureSound("a");
        _ = await _bench.Host.KeepNewestAsync(StatusOf("a"), [], Ct);
        Assert.Equal(ProtectionLevel.AtRisk, StatusOf("a").Protection!.Level);
        Assert.Contains(StatusOf("a").Protection!.Reasons, reason => reason.Contains("Positions before 8 may not restore", StringComparison.Ordinal));
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_journal_of_restores_that_cannot_be_read_is_a_problem_that_names_the_file()
    {
        var journal = Path.Join(Directory.CreateDirectory(Path.Join(_bench.State, "restores")).FullName, "a.json");
        await File.WriteAllTextAsync(journal, "torn", Ct);
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();

        await _bench.UntilAsync(() => _bench.Host.Status.Problems.Count == 1, TimeSpan.Zero, "the problem");
        Assert.Contains($"Every start of its app is refused: '{journal}'", _bench.Host.Status.Problems[0], StringComparison.Ordinal);
        Assert.Contains("move it away", _bench.Host.Status.Problems[0], StringComparison.Ordinal);
        Assert.Equal(ProtectionLevel.AtRisk, StatusOf("a").Protection!.Level);
        File.Delete(journal);
        _ = await _bench.Host.FindLifecycle("a")!.ListAsync(Ct);
        Assert.Empty(_bench.Host.Status.Problems);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_state_directory_that_was_removed_is_no_error_of_the_end()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        Directory.Delete(_bench.State, recursive: true);

        Assert.Empty(await _bench.EndAsync());
        Assert.Contains("every source has its final capture", _bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_source_ends_with_its_last_capture_and_begins_anew_when_it_is_resumed()
    {
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/off.db", "enabled": false }""");
        _bench.Start();
        var first = await _bench.NextAsync();

        var since = _bench.Host.Pause("a");
        Assert.Equal(since, _bench.Host.Pause("a"));
        await first.Disposed.Task.WaitAsync(Ct);
        Assert.Equal(SourceState.Paused, StatusOf("a").State);
        Assert.Contains("an operator paused it", StatusOf("a").Reason, StringComparison.Ordinal);
        Assert.False(_bench.Host.Resume("off"));
        Assert.True(_bench.Host.Resume("a"));

        Assert.Equal("a", (await _bench.NextAsync()).Definition.Name);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task What_was_known_of_a_source_outlasts_its_failure()
    {
        var at = _bench.Time.GetUtcNow();
        var failure = new TaskCompletionSource<FollowingEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Scripts["a"] = [_ => failure.Task, ScriptedSource.FollowAsync];
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }""");
        _bench.Start();
        var first = await _bench.NextAsync();
        first.Known = status => status with { LastCaptureAt = at, Captures = new CaptureCounts { Wal = 40, Full = 1 }, MissedResets = 2, LagCommits = 5, BehindSince = at, AppSqliteVersion = "3.40.1" };
        failure.SetException(new OperatorException(FailureKind.Failed, "no space", "Make room."));
        await _bench.UntilAsync(() => StatusOf("a").State == SourceState.Failing, TimeSpan.Zero, "the failure in the status");

        _bench.Time.Advance(TimeSpan.FromMilliseconds(500));
        var failing = StatusOf("a");
        Assert.Equal((at, 40, 5, 0.5, "3.40.1"), (failing.LastCaptureAt, failing.Captures.Wal, failing.LagCommits, failing.LagSeconds, failing.AppSqliteVersion));

        var second = await NextTryAsync();
        Assert.Equal((at, (_bench.Time.GetUtcNow() - at).TotalSeconds), (StatusOf("a").LastCaptureAt, StatusOf("a").LagSeconds));
        second.Known = status => status with { LastCaptureAt = at + TimeSpan.FromSeconds(2), LagCommits = 0, Captures = new CaptureCounts { Wal = 1 } };
        var again = StatusOf("a");
        Assert.Equal((at + TimeSpan.FromSeconds(2), 41, 1, 2, 0L, 0.0), (again.LastCaptureAt, again.Captures.Wal, again.Captures.Full, again.MissedResets, again.LagCommits, again.LagSeconds));
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task A_source_that_fails_for_long_waits_for_a_minute_at_most()
    {
        _bench.Scripts["bad"] = [_ => throw new IOException("no")];
        _bench.WriteConfiguration("""{ "path": "/d/bad.db" }""");
        _bench.Start();
        await _bench.UntilAsync(() => _bench.Log.Split("source 'bad' failed").Length > 12, TimeSpan.FromSeconds(61), "twelve failures");

        var trouble = StatusOf("bad").Trouble!;
        Assert.InRange((trouble.NextTryAt!.Value - trouble.At).TotalSeconds, 48, 60);
        Assert.Equal(["bad"], await _bench.EndAsync());
    }

    [Fact]
    public async Task A_source_that_blocks_at_its_start_delays_nobody()
    {
        using var block = new ManualResetEventSlim();
        _bench.Scripts["huge"] = [_ => { block.Wait(Ct); return Task.FromResult(FollowingEnd.Complete); }];
        _bench.WriteConfiguration("""{ "path": "/d/huge.db" }, { "path": "/d/small.db" }""");
        _bench.Start();

        string[] started = [(await _bench.NextAsync()).Definition.Name, (await _bench.NextAsync()).Definition.Name];

        Assert.Contains("small", started);
        block.Set();
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task At_the_end_all_sources_get_the_request_then_the_last_moment()
    {
        var requests = new SemaphoreSlim(0);
        _bench.Scripts["a"] = _bench.Scripts["b"] = [async stop =>
        {
            await Wait(stop.Requested);
            requests.Release();
            await Wait(stop.LastCapture);
            return FollowingEnd.CommitsPossible;
        }];
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/b.db" }, { "path": "/d/c.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        _ = await _bench.NextAsync();
        _ = await _bench.NextAsync();
        _bench.Stop();
        await requests.WaitAsync(Ct);
        await requests.WaitAsync(Ct);
        Assert.False(_bench.Running.IsCompleted);

        // The deadline of 8 s less the reserve of 3 s.
        _bench.Time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(_bench.Running.IsCompleted);
        _bench.Time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(["a", "b"], await _bench.Running.WaitAsync(Ct));
        Assert.Contains("commits after the final capture were possible: a, b", _bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_never_ends_is_left_at_the_deadline()
    {
        _bench.Scripts["stuck"] = [_ => new TaskCompletionSource<FollowingEnd>().Task];
        _bench.WriteConfiguration("""{ "path": "/d/stuck.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        _bench.Stop();

        await _bench.UntilAsync(() => _bench.Running.IsCompleted, TimeSpan.FromSeconds(1), "the end");

        Assert.Equal(["stuck"], await _bench.Running);
    }

    [Fact]
    public async Task A_repository_that_is_still_being_fed_at_the_deadline_is_left_and_what_it_lacks_is_named()
    {
        var opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Remotes =
        [
            new RemoteFeedSettings
            {
                Name = "offsite",
                Location = "far away",
                Interval = TimeSpan.FromMinutes(1),
                Open = async _ =>
                {
                    opening.SetResult();
                    return await new TaskCompletionSource<BackupRepository>().Task;
                },
                OpenForReading = _ => throw new NotSupportedException(),
                Sync = new SyncOptions { Merge = new CompactionOptions { CreateSpool = () => new MemoryStream() } },
            },
        ];
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/nothing.db" }""");
        _bench.Start();
        foreach (var source in (ScriptedSource[])[await _bench.NextAsync(), await _bench.NextAsync()])
        {
            source.Known = status => source.Definition.Name == "a" ? status : status with { Position = null };
        }

        await _bench.UntilAsync(() => opening.Task.IsCompleted, TimeSpan.FromSeconds(5), "the feed");
        _bench.Stop();
        await _bench.UntilAsync(() => _bench.Running.IsCompleted, TimeSpan.FromSeconds(1), "the end");

        Assert.Empty(await _bench.Running);
        Assert.Contains("repository 'offsite' lacks the last commits, which are stored locally: a\n", _bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_source_gets_one_more_try_at_the_end()
    {
        _bench.Scripts["bad"] = [_ => throw new IOException("no"), _ => Task.FromResult(FollowingEnd.Complete)];
        _bench.WriteConfiguration("""{ "path": "/d/bad.db" }""");
        _bench.Start();
        _ = await _bench.NextAsync();
        await _bench.UntilAsync(() => StatusOf("bad").State == SourceState.Failing, TimeSpan.Zero, "the failure");

        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task Compaction_takes_one_source_at_a_time_and_comes_back_when_it_is_due()
    {
        var calls = new ConcurrentQueue<string>();
        var (running, runningMax) = (0, 0);
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/b.db" }""");
        _bench.Start(async (name, ct) =>
        {
            runningMax = Math.Max(runningMax, Interlocked.Increment(ref running));
            await Task.Yield();
            calls.Enqueue(name);
            Interlocked.Decrement(ref running);
            return new UpkeepNext(name == "a" ? _bench.Time.GetUtcNow() + TimeSpan.FromSeconds(30) : null, _bench.Time.GetUtcNow());
        });
        _ = await _bench.NextAsync();
        _ = await _bench.NextAsync();

        await _bench.UntilAsync(() => calls.Count(name => name == "a") >= 3, TimeSpan.FromSeconds(5), "three compactions of a");

        Assert.Equal(1, runningMax);
        Assert.Equal(1, calls.Count(name => name == "b"));
        Assert.NotNull(StatusOf("a").NextCompactionAt);
        Assert.Empty(await _bench.EndAsync());
    }

    [Fact]
    public async Task What_is_captured_after_a_compaction_brings_the_next_one_forward_and_nothing_else_does()
    {
        var calls = new List<(string Name, DateTimeOffset At)>();
        _bench.WriteConfiguration("""{ "path": "/d/a.db" }, { "path": "/d/b.db" }""");
        _bench.Start((name, ct) =>
        {
            var now = _bench.Time.GetUtcNow();
            lock (calls)
            {
                calls.Add((name, now));
            }

            return ValueTask.FromResult(new UpkeepNext(now + TimeSpan.FromDays(1000), now + TimeSpan.FromMinutes(1)));
        });
        var made = new[] { await _bench.NextAsync(), await _bench.NextAsync() };
        await _bench.UntilAsync(() => Count("a") + Count("b") == 2, TimeSpan.FromSeconds(1), "the first compactions");
        var captured = made.Single(source => source.Definition.Name == "a");
        captured.Known = status => status with { Position = 8 };

        await _bench.UntilAsync(() => Count("a") == 2, TimeSpan.FromSeconds(1), "what was captured is compacted");

        lock (calls)
        {
            var times = calls.Where(call => call.Name == "a").Select(call => call.At).ToList();
            Assert.True(times[1] - times[0] >= TimeSpan.FromMinutes(1));
        }

        Assert.Equal(1, Count("b"));
        Assert.Empty(await _bench.EndAsync());

        int Count(string name)
        {
            lock (calls)
            {
                return calls.Count(call => call.Name == name);
            }
        }
    }

    /// <summary>The follower after one that failed. The wait for it may begin only after the failure is to be seen, so that one step of the clock could come too early.</summary>
    private async Task<ScriptedSource> NextTryAsync()
    {
        await _bench.UntilAsync(() => !_bench.Made.IsEmpty, TimeSpan.FromMilliseconds(100), "the next try");
        return await _bench.NextAsync();
    }

    private SourceStatus StatusOf(string name) => _bench.Host.Status.Sources.Single(source => source.Name == name);

    private static async Task Wait(CancellationToken token) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
