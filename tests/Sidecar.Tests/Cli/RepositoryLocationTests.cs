using BackupSidecar.Cli;
using Xunit;

namespace BackupSidecar.Tests.Cli;

public sealed class RepositoryLocationTests
{
    [Theory]
    [InlineData("/given", "/xdg", "/home/u", "/given")]
    [InlineData(null, "/xdg", "/home/u", "/xdg/backup-sidecar")]
    [InlineData(null, null, "/home/u", "/home/u/.local/state/backup-sidecar")]
    [InlineData(null, "", "/home/u", "/home/u/.local/state/backup-sidecar")]
    [InlineData(null, "relative", "/home/u", "/home/u/.local/state/backup-sidecar")]
    public void State_goes_where_it_is_told_or_where_the_desktop_specification_says(string? given, string? xdg, string? home, string expected) =>
        Assert.Equal(expected, RepositoryLocation.StateDirectory(given, name => name == "HOME" ? home : xdg));
}
