using BackupSidecar.Following.Waking;
using BackupSidecar.Testing;
using BackupSidecar.Testing.Store;
using Xunit;

namespace BackupSidecar.Tests.Following.Waking;

/// <summary>Signals come from the kernel; each wait has a bound that is only reached when the signal is missing.</summary>
public sealed class FileWatchTests : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    private readonly ScratchDirectory _scratch = new();
    private readonly FileWatch _watch = new();
    private readonly WakeSignal _signal = new();

    public void Dispose()
    {
        _watch.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_write_sets_the_signal_once_until_it_is_armed_again()
    {
        var path = Write("app.db-wal", "1");
        Assert.True(_watch.TryArmFile(path, _signal));
        Write("app.db-wal", "2");
        Assert.True(await SignalAsync(WaitMax));

        Write("app.db-wal", "3");
        Assert.True(_watch.TryArmFile(path, _signal));
        Write("app.db-wal", "4");
        Assert.True(await SignalAsync(WaitMax));
        Assert.False(await SignalAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task A_new_file_in_a_directory_wakes_everybody_who_waits_for_it()
    {
        var other = new WakeSignal();
        Assert.True(_watch.TryArmDirectory(_scratch.FullPath, _signal));
        Assert.True(_watch.TryArmDirectory(_scratch.FullPath, other));
        Write("app.db-wal", "1");
        Assert.True(await SignalAsync(WaitMax));
        Assert.True(await other.WaitAsync(WaitMax, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_removed_file_sets_the_signal()
    {
        var path = Write("app.db-wal", "1");
        Assert.True(_watch.TryArmFile(path, _signal));
        File.Delete(path);
        Assert.True(await SignalAsync(WaitMax));
    }

    [Fact]
    public void A_missing_file_cannot_be_armed() => Assert.False(_watch.TryArmFile(Path.Join(_scratch.FullPath, "missing"), _signal));

    [Fact]
    public async Task A_cancelled_wait_ends_as_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var wait = _signal.WaitAsync(WaitMax, TimeProvider.System, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);
    }

    private string Write(string name, string text)
    {
        var path = Path.Join(_scratch.FullPath, name);
        File.WriteAllText(path, text);
        return path;
    }

    private ValueTask<bool> SignalAsync(TimeSpan max) => _signal.WaitAsync(max, TimeProvider.System, TestContext.Current.CancellationToken);
}
