using BackupSidecar.AspireHosting.Commands;
using BackupSidecar.Contracts.V1;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace BackupSidecar.AspireHosting.Tests;

/// <summary>What can be chosen for a restore, and what is made of it.</summary>
public sealed class StageRestoreTests
{
    [Fact]
    public void Each_position_is_offered_once_and_says_that_a_backup_keeps_it()
    {
        var options = StageRestore.OptionsOf([Point(3, restorable: false), Point(2), Point(2, "0123"), Point(1)]);

        Assert.Equal(["2@0a", "1@0a"], options.Select(option => option.Key));
        Assert.Equal([true, false], options.Select(option => option.Value.EndsWith(", a backup", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("12@019d432971b1bf75", "12@019d432971b1bf75")]
    [InlineData("", "")]
    public void A_position_is_taken_as_it_is(string text, string position) => Assert.Equal(new RestoreSelector { Position = position }, StageRestore.SelectorOf(text));

    [Theory]
    [InlineData("2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T13:00:00+01:00")]
    [InlineData("2026-03-01 12:00:00")]
    public void A_time_is_that_moment(string text) =>
        Assert.Equal(new RestoreSelector { Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).ToTimestamp() }, StageRestore.SelectorOf(text));

    private static RestorePoint Point(ulong number, string backup = "", bool restorable = true) => new()
    {
        Position = new Position { Number = number, Timeline = "0a" },
        Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).ToTimestamp(),
        BackupId = backup,
        Restorable = restorable,
    };
}
