using BackupSidecar.Following.Waking;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BackupSidecar.Tests.Following;

/// <summary>Where the kernel gives no inotify instance, or no watch any more, commits are found by the clock.</summary>
public sealed class FollowWithoutWatchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_is_captured_without_being_asked_for(bool hasInstance)
    {
        // A descriptor that is no inotify instance refuses every watch.
        await using var follow = new FollowBench(new FileWatch(hasInstance ? Inotify.OpenEvent() : new SafeFileHandle(-1, ownsHandle: false)));
        await follow.Bench.StartAppAsync("wal");
        await follow.StartAsync();
        await follow.CatchUpAsync();
        await follow.Bench.App.ExecuteAsync("app", "UPDATE t SET body = randomblob(700) WHERE id = 3;");
        await follow.PositionStoredAsync(2);

        // It is counted a moment after it is stored.
        await FollowBench.EventuallyAsync(() => Task.FromResult(follow.Counts.Wal == 1), $"one capture from the WAL: {follow.Counts}\n{follow.Log}");
        await follow.Bench.AssertIsMergedCopyAsync(await follow.RestoreAsync());
    }
}
