using System.Threading.Channels;

namespace BackupSidecar.Primitives;

/// <summary>Works on several items at a time and hands the results on one by one, in the order in which the items came.</summary>
/// <remarks>One caller posts. At most <c>inFlight</c> items are between posting and having been consumed; past that, posting waits.</remarks>
internal sealed class OrderedParallel<TItem, TResult> : IAsyncDisposable
{
    private readonly Channel<Task<TResult>> _inOrder;
    private readonly Func<TItem, ValueTask<TResult>> _work;
    private readonly Func<TResult, ValueTask> _consume;
    private readonly Task _consumer;
    private bool _completed;

    /// <param name="inFlight">From 1.</param>
    /// <param name="work">Runs on the thread pool, several at a time.</param>
    /// <param name="consume">Runs one at a time, in order.</param>
    public OrderedParallel(int inFlight, Func<TItem, ValueTask<TResult>> work, Func<TResult, ValueTask> consume)
    {
        _inOrder = Channel.CreateBounded<Task<TResult>>(new BoundedChannelOptions(inFlight) { SingleReader = true, SingleWriter = true });
        _work = work;
        _consume = consume;
        _consumer = Task.Run(ConsumeAsync);
    }

    /// <exception cref="Exception">What the work or the consumer threw on an earlier item.</exception>
    public async ValueTask PostAsync(TItem item, CancellationToken ct)
    {
        if (!await _inOrder.Writer.WaitToWriteAsync(ct))
        {
            // The consumer closes the channel early only when it failed: this throws its error.
            await _consumer;
        }

        var work = Task.Run(() => _work(item).AsTask(), CancellationToken.None);
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
