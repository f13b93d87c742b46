using BackupSidecar.Following;
using Xunit;

namespace BackupSidecar.Tests.Following;

public sealed class CapturePaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Commits_are_merged_for_the_interval()
    {
        var pace = new CapturePace(Interval);
        Assert.True(pace.Next(Milliseconds(40), Milliseconds(1), isReset: false, framesAhead: 2) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, pace.Next(Milliseconds(100), Milliseconds(1), isReset: false, framesAhead: 2));
    }

    [Fact]
    public void Without_an_interval_every_commit_is_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace(TimeSpan.Zero).Next(TimeSpan.Zero, TimeSpan.Zero, isReset: false, framesAhead: 1));

    [Fact]
    public void A_reset_log_is_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace(Interval).Next(TimeSpan.Zero, Milliseconds(1), isReset: true, framesAhead: 1));

    [Fact]
    public void Many_frames_are_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace(Interval).Next(TimeSpan.Zero, Milliseconds(1), isReset: false, CapturePace.FramesMax));

    [Fact]
    public void The_faster_the_log_grows_the_sooner_it_is_looked_at_again()
    {
        var slow = new CapturePace(Interval).Next(TimeSpan.Zero, Milliseconds(10), isReset: false, framesAhead: 40);
        var fast = new CapturePace(Interval).Next(TimeSpan.Zero, Milliseconds(10), isReset: false, framesAhead: 200);
        Assert.True(fast < slow, $"{fast} is not less than {slow}.");
        Assert.True(fast >= Milliseconds(1));
    }

    [Fact]
    public void It_never_waits_past_the_interval() =>
        Assert.Equal(Milliseconds(5), new CapturePace(Interval).Next(Milliseconds(95), Milliseconds(5), isReset: false, framesAhead: 1));

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}
