using BackupSidecar.Following;
using Xunit;

namespace BackupSidecar.Tests.Following;

public sealed class CapturePaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Commits_are_merged_for_the_interval()
    {
        var pace = new CapturePace();
        Assert.True(pace.Next(Interval, Milliseconds(40), isReset: false, framesAhead: 2) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, pace.Next(Interval, Milliseconds(100), isReset: false, framesAhead: 2));
    }

    [Fact]
    public void Without_an_interval_every_commit_is_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace().Next(TimeSpan.Zero, TimeSpan.Zero, isReset: false, framesAhead: 1));

    [Fact]
    public void A_log_that_was_started_anew_is_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace().Next(Interval, TimeSpan.Zero, isReset: true, framesAhead: 1));

    [Fact]
    public void Many_frames_are_due_at_once() =>
        Assert.Equal(TimeSpan.Zero, new CapturePace().Next(Interval, TimeSpan.Zero, isReset: false, CapturePace.FramesMax));

    [Fact]
    public void The_faster_the_log_grows_the_sooner_it_is_looked_at_again()
    {
        var slow = new CapturePace().Next(Interval, Milliseconds(10), isReset: false, framesAhead: 40);
        var fast = new CapturePace().Next(Interval, Milliseconds(10), isReset: false, framesAhead: 200);
        Assert.True(fast < slow, $"{fast} is not less than {slow}.");
        Assert.True(fast >= Milliseconds(1));
    }

    [Fact]
    public void It_never_waits_past_the_interval() =>
        Assert.Equal(Milliseconds(5), new CapturePace().Next(Interval, Milliseconds(95), isReset: false, framesAhead: 1));

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}
