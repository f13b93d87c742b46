using BackupSidecar.Policies;
using Xunit;

namespace BackupSidecar.Tests.Policies;

public sealed class RunScheduleTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void The_first_run_comes_an_interval_after_the_start() => Assert.Equal(Begin + Day, RunSchedule.Next(Day, null, null, Begin));

    [Fact]
    public void The_next_one_comes_an_interval_after_the_last_over_restarts() => Assert.Equal(Begin, RunSchedule.Next(Day, Begin - Day, null, Begin.AddHours(-1)));

    [Fact]
    public void A_failure_is_tried_again_after_five_minutes_and_not_before() =>
        Assert.Equal(Begin.AddMinutes(5), RunSchedule.Next(Day, Begin - Day, Begin, Begin.AddDays(-9)));

    [Fact]
    public void A_short_interval_is_kept_after_a_failure() => Assert.Equal(Begin.AddSeconds(10), RunSchedule.Next(TimeSpan.FromSeconds(10), Begin.AddSeconds(-10), Begin, Begin.AddDays(-9)));

    [Fact]
    public void A_failure_before_the_last_success_does_not_count() => Assert.Equal(Begin + Day, RunSchedule.Next(Day, Begin, Begin.AddMinutes(-1), Begin.AddDays(-9)));
}
