using BackupSidecar.Cli.Output;
using Xunit;

namespace BackupSidecar.Tests.Cli.Output;

public sealed class RfcTimeTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000Z")]
    [InlineData("2026-03-01t12:00:00z", "2026-03-01T12:00:00.000000Z")]
    [InlineData("2026-03-01 12:00:00+00:00", "2026-03-01T12:00:00.000000Z")]
    [InlineData("2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00.000000Z")]
    [InlineData("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500000Z")]
    [InlineData("2026-03-01T12:00:00.1234567-05:30", "2026-03-01T17:30:00.123456Z")]
    public void A_time_with_an_offset_is_one_moment(string text, string expected)
    {
        Assert.True(RfcTime.TryParse(text, out var time));
        Assert.Equal(expected, RfcTime.Of(time));
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01 12:00")]
    [InlineData("2026-13-01T12:00:00Z")]
    [InlineData("2026-03-01T25:00:00Z")]
    [InlineData("01/03/2026 12:00:00Z")]
    [InlineData("2026-03-01T12:00:00ZZ")]
    public void Anything_else_is_not(string text) => Assert.False(RfcTime.TryParse(text, out _));

    [Fact]
    public void What_is_printed_can_be_read_again()
    {
        var time = new DateTimeOffset(2026, 3, 1, 12, 34, 56, TimeSpan.Zero).AddTicks(1234560);

        Assert.True(RfcTime.TryParse(RfcTime.Of(time), out var read));
        Assert.Equal(time, read);
    }
}
