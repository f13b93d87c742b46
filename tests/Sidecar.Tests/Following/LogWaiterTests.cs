using BackupSidecar.Following;
using BackupSidecar.Following.Waking;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>A commit whose pages were written before the watch was armed wakes nobody: it must be looked for, and only then may the wait be long.</summary>
public sealed class LogWaiterTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_somebody_writes_it_looks_again_and_once_more_afterwards()
    {
        using var scratch = new ScratchDirectory();
        using var watch = new FileWatch();
        var log = scratch.Join("log");
        await File.WriteAllTextAsync(log, "pages", Ct);
        var writing = new Queue<bool>([true, true, false]);
        var waiter = new LogWaiter(watch, new WakeSignal(), log, writing.Dequeue, Long, TimeProvider.System, new Random(1));

        await WaitAsync(waiter);
        await WaitAsync(waiter);
        await WaitAsync(waiter);
        var asleep = waiter.WaitAsync().AsTask();

        Assert.Empty(writing);
        Assert.False(asleep.IsCompleted);
        await File.AppendAllTextAsync(log, "more", Ct);
        await asleep.WaitAsync(WaitMax, Ct);
    }

    [Fact]
    public async Task A_write_during_the_last_look_ends_the_wait_at_once()
    {
        using var scratch = new ScratchDirectory();
        using var watch = new FileWatch();
        var log = scratch.Join("log");
        await File.WriteAllTextAsync(log, "pages", Ct);
        var waiter = new LogWaiter(watch, new WakeSignal(), log, static () => false, Long, TimeProvider.System, new Random(1));

        await WaitAsync(waiter);
        await File.AppendAllTextAsync(log, "more", Ct);

        await WaitAsync(waiter);
    }

    private static Task WaitAsync(LogWaiter waiter) => waiter.WaitAsync().AsTask().WaitAsync(WaitMax, Ct);
}
