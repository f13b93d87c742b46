using BackupSidecar.Restore;
using BackupSidecar.Testing;
using Xunit;

namespace BackupSidecar.Tests.Restore;

/// <summary>The file in which a restore puts a database together.</summary>
public sealed class StagedDatabaseTests : IDisposable
{
    private readonly ScratchVolume _volume = new();

    public void Dispose() => _volume.Dispose();

    [Fact]
    public void Beside_a_database_it_is_closed_to_everybody_else_until_it_gets_that_ones_permissions()
    {
        File.WriteAllText(_volume.Database, "the old one");

        using var staged = StagedDatabase.Create(_volume.Database, "0123456789abcdef");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(staged.Path));
    }

    [Fact]
    public void Without_one_it_has_the_permissions_of_any_new_file()
    {
        var any = _volume.Elsewhere("any");
        File.WriteAllText(any, "");

        using var staged = StagedDatabase.Create(_volume.Database, "0123456789abcdef");

        Assert.Equal(File.GetUnixFileMode(any), File.GetUnixFileMode(staged.Path));
    }

    [Fact]
    public void What_a_killed_restore_left_is_removed_and_what_a_running_one_holds_is_not()
    {
        var left = _volume.Database + ".restoring-dead";
        File.WriteAllText(left, "half");
        using var running = StagedDatabase.Create(_volume.Database, "running");

        using var staged = StagedDatabase.Create(_volume.Database, "0123456789abcdef");

        Assert.False(File.Exists(left));
        Assert.True(File.Exists(running.Path));
    }
}
