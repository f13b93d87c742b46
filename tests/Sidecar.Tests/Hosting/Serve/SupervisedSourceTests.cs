using System.Collections.Concurrent;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Primitives;
using BackupSidecar.Tests.Following;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>Somebody wants the database closed while it is followed.</summary>
public sealed class SupervisedSourceTests : IDisposable
{
    private static readonly SourceDefinition Definition = SampleDefinition.Of("a", "/d/a.db");

    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Func<StopSignals, Task<FollowingEnd>>> _scripts = [];
    private readonly ConcurrentQueue<ScriptedSource> _followers = [];
    private readonly SupervisedSource _source;

    public SupervisedSourceTests() => _source = new SupervisedSource(Definition, Create, new Random(1), NullLogger.Instance, _time);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _source.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hold_says_how_the_last_capture_ended_and_keeps_the_database_closed(bool isComplete)
    {
        var end = isComplete ? FollowingEnd.Complete : FollowingEnd.CommitsPossible;
        _scripts.Enqueue(stop => EndAsAsync(stop, end));
        _scripts.Enqueue(ScriptedSource.FollowAsync);
        var running = _source.RunAsync();

        var (hold, held) = await _source.HoldAsync(Ct);
        Assert.Equal(end, held);
        Assert.True(Assert.Single(_followers).Disposed.Task.IsCompleted);
        Assert.Equal((SourceState.Starting, "its database is being exchanged"), (_source.Status.State, _source.Status.Reason));

        _scripts.Enqueue(ScriptedSource.FollowAsync);
        hold.Dispose();
        var (second, _) = await _source.HoldAsync(Ct);
        second.Dispose();
        await EndAsync(running);
    }

    [Fact]
    public async Task A_last_capture_that_fails_after_one_that_did_not_is_not_taken_for_stored()
    {
        _scripts.Enqueue(_ => Task.FromResult(FollowingEnd.Complete));
        _scripts.Enqueue(FailAtEndAsync);
        _scripts.Enqueue(FailAtEndAsync);
        var running = _source.RunAsync();
        await UntilBegunAsync(2);

        var (hold, held) = await _source.HoldAsync(Ct);

        Assert.Null(held);
        Assert.Equal(3, _followers.Count);
        hold.Dispose();
        await EndAsync(running);
    }

    [Fact]
    public async Task A_hold_that_finds_a_failing_source_is_worth_one_more_try()
    {
        _scripts.Enqueue(FailAtEndAsync);
        var running = _source.RunAsync();
        await UntilBegunAsync(1);

        var (hold, held) = await _source.HoldAsync(Ct);

        Assert.Equal(FollowingEnd.Complete, held);
        hold.Dispose();
        await EndAsync(running);
    }

    [Fact]
    public async Task Who_gives_up_waiting_for_the_last_capture_lets_following_go_on()
    {
        var captured = new TaskCompletionSource<FollowingEnd>(TaskCreationOptions.RunContinuationsAsynchronously);
        _scripts.Enqueue(_ => captured.Task);
        var running = _source.RunAsync();
        using var impatient = new CancellationTokenSource();
        var holding = _source.HoldAsync(impatient.Token);
        await impatient.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => holding);

        captured.SetResult(FollowingEnd.Complete);
        var (hold, _) = await _source.HoldAsync(Ct);

        hold.Dispose();
        await EndAsync(running);
    }

    private static async Task<FollowingEnd> FailAtEndAsync(StopSignals stop)
    {
        _ = await ScriptedSource.FollowAsync(stop);
        throw new OperatorException(FailureKind.Failed, "no space", "Make room.");
    }

    private static async Task<FollowingEnd> EndAsAsync(StopSignals stop, FollowingEnd end)
    {
        _ = await ScriptedSource.FollowAsync(stop);
        return end;
    }

    private async Task UntilBegunAsync(int followers)
    {
        while (_followers.Count < followers || !_followers.Last().Started.Task.IsCompleted)
        {
            await Task.Yield();
        }
    }

    private ScriptedSource Create(SourceDefinition definition)
    {
        var follower = new ScriptedSource(definition, _scripts.TryDequeue(out var script) ? script : ScriptedSource.FollowAsync);
        _followers.Enqueue(follower);
        return follower;
    }

    private async Task EndAsync(Task<FollowingEnd> running)
    {
        _source.Stop.Request(TimeSpan.Zero, TimeSpan.FromMinutes(1));
        _ = await running.WaitAsync(Ct);
    }
}
