using System.Threading.Channels;

namespace BackupSidecar.Primitives;

/// <summary>Works on several items at a time and hands the results on one by one, in the order in which the items came.</summary>
/// <remarks>
/// One caller posts. At most <c>workers</c> items are worked on at a time; one more waits to be worked on and one to be consumed, so that neither
/// side stands still. Past these <c>workers + 2</c> items posting waits: the caller's memory is bounded by it.
/// </remarks>
internal sealed class OrderedParallel<TItem, TResult> : IAsyncDisposable
{
    private readonly Channel<Task<TResult>> _inOrder;
    private readonly SemaphoreSlim _free;
    private readonly Func<TItem, ValueTask<TResult>> _work;
    private readonly Func<TResult, ValueTask> _consume;
    private readonly Task _consumer;
    private bool _completed;

    /// <param name="workers">From 1.</param>
    /// <param name="work">Runs on the thread pool, as many at a time as there are workers.</param>
    /// <param name="consume">Runs one at a time, in order.</param>
    public OrderedParallel(int workers, Func<TItem, ValueTask<TResult>> work, Func<TResult, ValueTask> consume)
    {
        // The item that the consumer has taken out is the one more.
        _inOrder = Channel.CreateBounded<Task<TResult>>(new BoundedChannelOptions(workers + 1) { SingleReader = true, SingleWriter = true });
        _free = new SemaphoreSlim(workers);
        _work = work;
        _consume = consume;
        _consumer = Task.Run(ConsumeAsync);
    }

    /// <exception cref="Exception">What the work or the consumer threw on an earlier item.</exception>
    public async ValueTask PostAsync(TItem item, CancellationToken ct)
    {
        if (_completed)
        {
            throw new InvalidOperationException("An item was posted after the last one: it would be lost.");
        }

        if (!await _inOrder.Writer.WaitToWriteAsync(ct))
        {
            // The consumer closes the channel early only when it failed: this throws its error.
            await _consumer;
        }

        var work = Task.Run(() => WorkAsync(item), CancellationToken.None);
        if (!_inOrder.Writer.TryWrite(work))
        {
            await IgnoreAsync(work);
            await _consumer;
        }
    }

    /// <summary>Waits until every item has been consumed.</summary>
    public async ValueTask CompleteAsync()
    {
        _completed = true;
        _ = _inOrder.Writer.TryComplete();
        await _consumer;
    }

    /// <summary>Waits until nothing runs any more, so that the caller may take back what the work used.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = _inOrder.Writer.TryComplete();
        if (!_completed)
        {
            await IgnoreAsync(_consumer);
        }

        while (_inOrder.Reader.TryRead(out var left))
        {
            await IgnoreAsync(left);
        }

        _free.Dispose();
    }

    private async Task<TResult> WorkAsync(TItem item)
    {
        await _free.WaitAsync();
        try
        {
            return await _work(item);
        }
        finally
        {
            _ = _free.Release();
        }
    }

    private async Task ConsumeAsync()
    {
        try
        {
            await foreach (var work in _inOrder.Reader.ReadAllAsync())
            {
                await _consume(await work);
            }
        }
        finally
        {
            _ = _inOrder.Writer.TryComplete();
        }
    }

    private static async Task IgnoreAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
