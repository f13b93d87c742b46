using Grpc.Core;

namespace BackupSidecar.Api;

/// <summary>A stream that tells a state, and again whenever it has changed. One message is on its way at a time: a slow reader misses states, and holds no memory.</summary>
internal static class ChangeStream
{
    /// <param name="look">Asked once in each interval. What it throws ends the stream.</param>
    /// <param name="writer">Of the call.</param>
    /// <param name="interval">The least time between two messages.</param>
    /// <param name="end">Of the service.</param>
    /// <param name="time">The clock.</param>
    /// <param name="call">Ends when the client leaves or its deadline comes.</param>
    /// <param name="isLast">True of a state that no other follows: the stream ends with it. Null: there is none.</param>
    /// <param name="done">When it ends, it is looked again at once. Null: nothing ends.</param>
    public static async Task RunAsync<T>(Func<T> look, IServerStreamWriter<T> writer, TimeSpan interval, CallEnd end, TimeProvider time, CancellationToken call, Func<T, bool>? isLast = null, Task? done = null)
        where T : class, IEquatable<T>
    {
        using var over = end.Until(call);
        T? told = null;
        while (true)
        {
            var now = look();
            if (!now.Equals(told))
            {
                told = now;
                await writer.WriteAsync(now, over.Token);
                if (isLast?.Invoke(now) ?? false)
                {
                    return;
                }
            }

            var pause = Task.Delay(interval, time, over.Token);
            await (done is null ? pause : Task.WhenAny(pause, done)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            call.ThrowIfCancellationRequested();
            end.ThrowIfEnding();
        }
    }
}
