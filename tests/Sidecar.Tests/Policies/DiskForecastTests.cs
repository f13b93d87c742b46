using BackupSidecar.Policies;
using Xunit;

namespace BackupSidecar.Tests.Policies;

public sealed class DiskForecastTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_disk_that_loses_a_gigabyte_an_hour_is_full_when_that_has_used_up_what_is_free()
    {
        var full = DiskForecast.FullAt([.. Enumerable.Range(0, 25).Select(hour => (Begin.AddHours(hour), (100L - hour) << 30))]);

        Assert.InRange(full!.Value, Begin.AddHours(24 + 75.9), Begin.AddHours(24 + 76.1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_disk_that_does_not_fill_is_never_full(long growth) =>
        Assert.Null(DiskForecast.FullAt([.. Enumerable.Range(0, 25).Select(hour => (Begin.AddHours(hour), (100 + (growth * hour)) << 30))]));

    [Fact]
    public void Less_than_an_hour_foretells_nothing() => Assert.Null(DiskForecast.FullAt([(Begin, 100), (Begin.AddMinutes(59), 50)]));

    [Fact]
    public void What_lies_beyond_ten_years_is_not_foretold() => Assert.Null(DiskForecast.FullAt([(Begin, 1L << 50), (Begin.AddHours(2), (1L << 50) - 1)]));
}
