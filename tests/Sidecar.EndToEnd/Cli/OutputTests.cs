using System.Diagnostics;
using BackupSidecar.Testing;
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

    [Fact]
    public async Task On_a_terminal_a_bar_shows_share_rate_and_time_left_and_is_gone_in_the_end()
    {
        // Digits are what the heavy compression takes long for, so that the bar has the time to come.
        _scene.Execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90) INSERT INTO t (body) SELECT hex(randomblob(500000)) FROM n");

        // script(1) is the terminal: what the program prints there comes out on standard output.
        var start = new ProcessStartInfo("script", ["-qefc", $"'{SidecarBinary.Current.Path}' {string.Join(' ', _scene.BackupArguments)} --compression heavy", "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["TERM"] = "xterm";
        using var terminal = Process.Start(start)!;
        var shown = await terminal.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await terminal.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(terminal.ExitCode == 0, shown);
        // In one line of a terminal of 80 columns.
        Assert.Matches("read the database .* of [0-9.]+ MiB, [0-9.]+ .iB/s, [0-9a-z .]+ left", shown);
        Assert.Contains("is stored", shown.Split("left")[^1], StringComparison.Ordinal);
        Assert.True(shown.LastIndexOf("\e[?25l", StringComparison.Ordinal) < shown.LastIndexOf("\e[?25h", StringComparison.Ordinal), "The cursor is shown again.");
    }

    [Fact]
    public async Task A_dry_run_names_packs_bytes_position_and_age_and_changes_nothing()
    {
        await _scene.BackUpAsync();
        await _scene.BackUpAsync();
        string[] restore = ["restore", "--repository", _scene.Repository, "--output", _scene.Database, "--dry-run"];
        var before = File.ReadAllBytes(_scene.Database);

        var text = (await CommandScene.RunAsync(restore)).ShouldExit(0).Output;
        var point = CommandScene.ParseLines((await CommandScene.RunAsync([.. restore, "--json"])).ShouldExit(0))[^1]["restorePoint"]!;

        Assert.Matches(@"position  2 of timeline", text);
        Assert.Matches(@"packs     2, [0-9.]+ KiB; the oldest is a full of", text);
        Assert.Matches(@"from      .* ago\), backup", text);
        Assert.Contains("would be refused without --overwrite", text, StringComparison.Ordinal);
        Assert.Equal((2, 2), ((int)point["position"]!, (int)point["packs"]!));
        Assert.Equal(_scene.Objects("packs").Sum(path => new FileInfo(path).Length), (long)point["packBytes"]!);
        Assert.InRange((long)point["ageMs"]!, 0, 600_000);
        Assert.Equal([_scene.Database], Directory.GetFileSystemEntries(_scene.Data));
        Assert.Equal(before, File.ReadAllBytes(_scene.Database));
    }

    [Fact]
    public async Task What_makes_a_source_doubtful_is_a_warning_of_its_backup()
    {
        await using var application = WriterProcess.Start();
        await application.OpenAsync("app", _scene.Database);
        await application.ExecuteAsync("app", "INSERT INTO t (body) VALUES ('attached')");
        using (var link = Process.Start("ln", [_scene.Database, _scene.Elsewhere("second.db")]))
        {
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("warning: ", (await CommandScene.RunAsync(_scene.BackupArguments)).ShouldExit(0).Error, StringComparison.Ordinal);
        var lines = CommandScene.ParseLines((await CommandScene.RunAsync([.. _scene.BackupArguments, "--json"])).ShouldExit(0));
        Assert.Contains("2 names", (string)Assert.Single(lines, line => (string?)line["type"] == "warning")["message"]!, StringComparison.Ordinal);
        Assert.Equal(1, (int?)lines[^1]["warnings"]);
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
