using BackupSidecar.Cli.Output;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace BackupSidecar.Tests.Cli.Output;

public sealed class HumanTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(102_400, "100 KiB")]
    [InlineData(1_048_575, "1.00 MiB")]
    [InlineData(1_073_741_824, "1.00 GiB")]
    [InlineData(long.MaxValue, "8192 PiB")]
    public void Sizes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, HumanText.Bytes(bytes));

    [Theory]
    [InlineData(0, "0 ms")]
    [InlineData(0.9994, "999 ms")]
    [InlineData(1, "1.0 s")]
    [InlineData(99.9, "99.9 s")]
    [InlineData(100, "1 min 40 s")]
    [InlineData(18_600, "5 h 10 min")]
    [InlineData(1_036_800, "12 days")]
    public void Durations_have_two_units_at_most(double seconds, string expected) => Assert.Equal(expected, HumanText.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "0 pages")]
    [InlineData(1, "1 page")]
    [InlineData(1_234_567, "1,234,567 pages")]
    public void Counts_have_their_noun(long count, string expected) => Assert.Equal(expected, HumanText.Count(count, "page"));

    [Fact]
    public void Times_are_in_the_zone_of_the_reader_with_its_offset()
    {
        var time = new FakeTimeProvider();
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("x", new TimeSpan(5, 30, 0), "x", "x"));

        Assert.Equal("2026-03-01 17:30:00 +05:30", HumanText.Time(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), time));
    }

    [Fact]
    public void A_time_in_the_future_is_said_to_be_that()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal("1.0 s ago", HumanText.Age(time.GetUtcNow().AddSeconds(-1), time));
        Assert.Contains("in the future", HumanText.Age(time.GetUtcNow().AddSeconds(1), time), StringComparison.Ordinal);
    }
}
