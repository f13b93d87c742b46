using System.Collections.Concurrent;
using BackupSidecar.Following;
using BackupSidecar.Hosting.Serve;
using BackupSidecar.Tests.Following;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Hosting.Serve;

/// <summary>A database that somebody wants closed, while its source is paused and resumed.</summary>
public sealed class SourceSetTests
{
    private static readonly SourceDefinition Definition = SampleDefinition.Of("a", "/d/a.db");

    private static readonly SourceDefinition Paused = Definition with { PausedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hold_waits_for_a_follower_that_was_paused_a_moment_ago_and_keeps_the_next_one_away()
    {
        var lastCapture = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var made = new ConcurrentQueue<ScriptedSource>();
        var sources = new SourceSet(definition => Made(new ScriptedSource(definition, EndSlowlyAsync)), new Random(1), NullLogger.Instance, new FakeTimeProvider());
        sources.Apply([Definition]);
        while (!made.TryPeek(out var first) || !first.Started.Task.IsCompleted)
        {
            await Task.Yield();
        }

        sources.Apply([Paused]);
        var holding = sources.HoldAsync("a", Ct);
        Assert.False(holding.IsCompleted);
        lastCapture.SetResult();
        var (hold, end) = await holding;
        Assert.Null(end);
        Assert.True(made.First().Disposed.Task.IsCompleted);

        sources.Apply([Definition]);
        Assert.Equal(SourceState.Starting, Assert.Single(sources.Statuses).State);
        _ = Assert.Single(made);
        hold.Dispose();
        while (made.Count < 2)
        {
            await Task.Yield();
        }

        await made.Last().Started.Task.WaitAsync(Ct);
        _ = await sources.StopAsync(TimeSpan.Zero, TimeSpan.FromMinutes(1));

        ScriptedSource Made(ScriptedSource source)
        {
            made.Enqueue(source);
            return source;
        }

        async Task<FollowingEnd> EndSlowlyAsync(StopSignals stop)
        {
            _ = await ScriptedSource.FollowAsync(stop);
            await lastCapture.Task;
            return FollowingEnd.Complete;
        }
    }
}
