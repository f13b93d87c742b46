using System.Diagnostics;
using Xunit;

namespace BackupSidecar.EndToEnd.Cli;

/// <summary>What becomes of a command whose output goes nowhere.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly CommandScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("list --repository \"$1\"")]
    [InlineData("list --repository \"$1\" --json")]
    [InlineData("verify --repository \"$1\" --json")]
    [InlineData("--help")]
    [InlineData("unknown --json")]
    public async Task A_full_disk_behind_standard_output_is_said_on_standard_error(string command)
    {
        await _scene.BackUpAsync();

        var (exitCode, error) = await ShellAsync($"\"$0\" {command} > /dev/full");

        Assert.Equal(1, exitCode);
        Assert.Equal(2, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("error: Standard output cannot be written: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_that_has_seen_enough_is_no_failure()
    {
        await _scene.BackUpAsync();

        Assert.Equal((0, ""), await ShellAsync("\"$0\" list --repository \"$1\" | head -n 1 > /dev/null"));
    }

    [Theory]
    [InlineData(">&-")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- >&- 2>&-")]
    public async Task Nothing_is_printed_into_a_file_that_took_the_place_of_a_closed_stream(string closing)
    {
        var (exitCode, _) = await ShellAsync($"\"$0\" backup --database \"$2\" --repository \"$1\" --state \"$3\" {closing}");

        // 1 where the runtime itself has taken the number for a file of its own: the output is then lost, and that is said.
        Assert.InRange(exitCode, 0, 1);
        (await CommandScene.RunAsync("verify", "--repository", _scene.Repository, "--level", "drill")).ShouldExit(0);
    }

    [Fact]
    public async Task A_current_directory_that_is_gone_is_named_as_the_reason()
    {
        var (exitCode, error) = await ShellAsync("mkdir \"$3\" && cd \"$3\" && rmdir \"$3\" && \"$0\" list --repository here");

        Assert.Equal(1, exitCode);
        Assert.Contains("current directory does not exist", error, StringComparison.Ordinal);
    }

    /// <param name="script">$0 is the program, $1 the repository, $2 the database, $3 the state directory.</param>
    private async Task<(int ExitCode, string Error)> ShellAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, SidecarBinary.Current.Path, _scene.Repository, _scene.Database, _scene.State]) { RedirectStandardError = true };
        using var bash = Process.Start(start)!;
        var error = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (bash.ExitCode, error);
    }
}
