using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Primitives;

/// <summary>Order, bound, errors and end. Work is held back by gates, never by time.</summary>
public sealed class OrderedParallelTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Results_come_in_the_order_of_the_items_also_when_the_work_ends_in_another()
    {
        var gates = Gates(4);
        var consumed = new List<int>();
        await using var parallel = new OrderedParallel<int, int>(
            workers: 4,
            async item =>
            {
                await gates[item].Task;
                return item;
            },
            item =>
            {
                consumed.Add(item);
                return ValueTask.CompletedTask;
            });
        for (var i = 0; i < 4; i++)
        {
            await parallel.PostAsync(i, Ct);
        }

        foreach (var gate in gates.Reverse())
        {
            gate.SetResult();
        }

        await parallel.CompleteAsync();
        Assert.Equal([0, 1, 2, 3], consumed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Many_items_come_out_in_order_one_at_a_time_and_no_more_are_worked_on_than_told(int workers)
    {
        var (working, workingMax, consuming) = (0, 0, 0);
        var consumed = new List<int>();
        await using var parallel = new OrderedParallel<int, int>(
            workers,
            async item =>
            {
                InterlockedMax(ref workingMax, Interlocked.Increment(ref working));
                await Task.Yield();
                Interlocked.Decrement(ref working);
                return item;
            },
            async item =>
            {
                Assert.Equal(1, Interlocked.Increment(ref consuming));
                await Task.Yield();
                consumed.Add(item);
                Interlocked.Decrement(ref consuming);
            });
        for (var i = 0; i < 2000; i++)
        {
            await parallel.PostAsync(i, Ct);
        }

        await parallel.CompleteAsync();
        Assert.Equal(Enumerable.Range(0, 2000), consumed);
        Assert.InRange(workingMax, 1, workers);
    }

    /// <summary>The consumer holds the first item, so that the bound is exact: everything after it is on its way and nothing is taken out.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Posting_waits_when_two_more_items_than_workers_are_on_their_way(int workers)
    {
        var (consuming, release) = (Gates(1)[0], Gates(1)[0]);
        await using var parallel = new OrderedParallel<int, int>(
            workers,
            ValueTask.FromResult,
            async _ =>
            {
                consuming.TrySetResult();
                await release.Task;
            });
        await parallel.PostAsync(0, Ct);
        await consuming.Task;

        var posts = Enumerable.Range(1, workers + 2).Select(item => parallel.PostAsync(item, Ct).AsTask()).ToArray();
        var taken = 1 + posts.Count(post => post.IsCompleted);

        // Before it is asserted: a failure must not wait for the gate.
        release.SetResult();
        await Task.WhenAll(posts);
        await parallel.CompleteAsync();
        Assert.Equal(workers + 2, taken);
    }

    [Fact]
    public async Task An_error_of_the_work_surfaces_at_a_later_post_and_at_the_end()
    {
        await using var parallel = new OrderedParallel<int, int>(2, item => item == 1 ? throw new IOException("work") : ValueTask.FromResult(item), _ => ValueTask.CompletedTask);

        Assert.Equal("work", (await Assert.ThrowsAsync<IOException>(() => PostUntilFailedAsync(parallel))).Message);
        Assert.Equal("work", (await Assert.ThrowsAsync<IOException>(() => parallel.CompleteAsync().AsTask())).Message);
    }

    [Fact]
    public async Task An_error_of_the_consumer_surfaces_at_a_later_post_and_at_the_end()
    {
        await using var parallel = new OrderedParallel<int, int>(
            2, item => ValueTask.FromResult(item), async item =>
            {
                await Task.Yield();
                if (item == 3)
                {
                    throw new IOException("consumer");
                }
            });

        Assert.Equal("consumer", (await Assert.ThrowsAsync<IOException>(() => PostUntilFailedAsync(parallel))).Message);
        Assert.Equal("consumer", (await Assert.ThrowsAsync<IOException>(() => parallel.CompleteAsync().AsTask())).Message);
    }

    [Fact]
    public async Task After_an_error_nothing_more_is_consumed()
    {
        var consumed = new List<int>();
        await using var parallel = new OrderedParallel<int, int>(
            4,
            item => item == 2 ? throw new IOException("work") : ValueTask.FromResult(item),
            item =>
            {
                consumed.Add(item);
                return ValueTask.CompletedTask;
            });

        await Assert.ThrowsAsync<IOException>(() => PostUntilFailedAsync(parallel));
        Assert.Equal([0, 1], consumed);
    }

    [Fact]
    public async Task Disposing_waits_for_work_that_still_runs()
    {
        var gate = Gates(1)[0];
        var started = Gates(1)[0];
        var ended = false;
        var parallel = new OrderedParallel<int, int>(
            2,
            async item =>
            {
                if (item == 0)
                {
                    await started.Task;
                    throw new IOException("work");
                }

                started.SetResult();
                await gate.Task;
                ended = true;
                return item;
            },
            _ => ValueTask.CompletedTask);
        await parallel.PostAsync(0, Ct);
        await parallel.PostAsync(1, Ct);
        await Assert.ThrowsAsync<IOException>(() => parallel.CompleteAsync().AsTask());

        var disposed = parallel.DisposeAsync().AsTask();
        var waits = !disposed.IsCompleted;
        gate.SetResult();
        await disposed;
        Assert.True(waits, "The work of item 1 still ran.");
        Assert.True(ended);
    }

    [Fact]
    public async Task A_post_that_waits_can_be_cancelled_and_disposing_then_ends()
    {
        using var cancel = new CancellationTokenSource();
        var gate = Gates(1)[0];
        await using var parallel = new OrderedParallel<int, int>(
            1,
            async item =>
            {
                await gate.Task;
                return item;
            },
            _ => ValueTask.CompletedTask);
        for (var i = 0; i < 3; i++)
        {
            await parallel.PostAsync(i, Ct);
        }

        var waiting = parallel.PostAsync(3, cancel.Token).AsTask();
        await cancel.CancelAsync();

        // Before it is asserted: a failure must not wait for the gate.
        var cancelled = await Record.ExceptionAsync(() => waiting);
        gate.SetResult();
        Assert.IsAssignableFrom<OperationCanceledException>(cancelled);
    }

    [Fact]
    public async Task An_item_after_the_last_one_is_an_error_and_not_lost()
    {
        await using var parallel = new OrderedParallel<int, int>(1, item => ValueTask.FromResult(item), _ => ValueTask.CompletedTask);
        await parallel.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => parallel.PostAsync(1, Ct).AsTask());
    }

    [Fact]
    public async Task Nothing_posted_is_nothing_consumed()
    {
        await using var parallel = new OrderedParallel<int, int>(1, item => throw new IOException($"{item}"), _ => throw new IOException("consumer"));
        await parallel.CompleteAsync();
    }

    private static async Task PostUntilFailedAsync(OrderedParallel<int, int> parallel)
    {
        for (var i = 0; ; i++)
        {
            await parallel.PostAsync(i, Ct);
        }
    }

    private static TaskCompletionSource[] Gates(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref target, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
