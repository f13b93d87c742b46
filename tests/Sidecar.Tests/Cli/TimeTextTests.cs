using BackupSidecar.Cli.Output;
using BackupSidecar.Cli.Parsing;
using Xunit;

namespace BackupSidecar.Tests.Cli;

public sealed class TimeTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("10 minutes ago", "2026-03-01T11:50:00Z")]
    [InlineData("1 minute ago", "2026-03-01T11:59:00Z")]
    [InlineData("2h ago", "2026-03-01T10:00:00Z")]
    [InlineData(" 2 H AGO ", "2026-03-01T10:00:00Z")]
    [InlineData("90s ago", "2026-03-01T11:58:30Z")]
    [InlineData("1h 30m ago", "2026-03-01T10:30:00Z")]
    [InlineData("1 day 12 hours ago", "2026-02-28T00:00:00Z")]
    [InlineData("1d2h ago", "2026-02-28T10:00:00Z")]
    [InlineData("0s ago", "2026-03-01T12:00:00Z")]
    [InlineData("2 weeks ago", "2026-02-15T12:00:00Z")]
    [InlineData("900000 days ago", "0001-01-01T00:00:00Z")]
    [InlineData("2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00Z")]
    public void A_moment_is_a_time_with_an_offset_or_how_long_ago_it_was(string text, string expected)
    {
        Assert.True(TimeText.TryParse(text, Now, out var time));
        Assert.True(RfcTime.TryParse(expected, out var wanted));
        Assert.Equal(wanted, time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ago")]
    [InlineData("10 ago")]
    [InlineData("minutes ago")]
    [InlineData("10 minutes")]
    [InlineData("-10 minutes ago")]
    [InlineData("10 parsecs ago")]
    [InlineData("1.5h ago")]
    [InlineData("10 minutesago 3")]
    [InlineData("2 ss ago")]
    [InlineData("4294967295 weeks ago")]
    [InlineData("4294967296 s ago")]
    [InlineData("900000 days 900000 days ago")]
    [InlineData("yesterday")]
    [InlineData("2026-03-01T12:00:00")]
    public void Nothing_is_guessed(string text) => Assert.False(TimeText.TryParse(text, Now, out _));
}
