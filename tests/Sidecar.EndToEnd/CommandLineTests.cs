using System.Text.RegularExpressions;
using Xunit;

namespace BackupSidecar.EndToEnd;

/// <summary>What anybody who types a command meets first: help, the version, and errors that say in a line what was wrong.</summary>
public sealed partial class CommandLineTests
{
    private static readonly string[] Commands = ["backup", "list", "restore", "verify", "inspect", "serve", "status", "config", "doctor", "drive", "demo"];

    /// <summary>The contract of the exit codes, written down a second time on purpose.</summary>
    private static readonly int[] ExitCodes = [0, 1, 3, 10, 11, 12, 13, 14, 15, 130];

    public static TheoryData<string> EveryCommand => [.. Commands];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Help_names_every_command_and_every_exit_code()
    {
        var help = await RunAsync("--help");

        help.ShouldExit(0);
        Assert.Empty(help.Error);
        Assert.Equal(ExitCodes, ListedExitCodes(help));
        Assert.All(Commands, command => Assert.Contains(help.OutputLines, line => line.TrimStart().StartsWith(command, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task The_help_of_a_command_lists_every_exit_code(string command)
    {
        var help = await RunAsync(command, "--help");

        help.ShouldExit(0);
        Assert.Empty(help.Error);
        Assert.Equal(ExitCodes, ListedExitCodes(help));
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        var version = await RunAsync("--version");

        version.ShouldExit(0);
        Assert.Empty(version.Error);
        Assert.Matches(@"^\d+\.\d+\.\d+", Assert.Single(version.OutputLines));
    }

    [Theory]
    [InlineData("--bogus")]
    [InlineData("bogus")]
    [InlineData("backup", "--bogus")]
    [InlineData("backup", "--database", "a.db")]
    [InlineData("backup", "--database", "a.db", "--repository", "r", "--compression", "bogus")]
    [InlineData("backup", "--database", "a.db", "--repository", "r", "--label", "no spaces allowed")]
    [InlineData("backup", "--database", "a.db", "--repository", "r", "--source", "../up")]
    [InlineData("restore", "--repository", "r", "--output", "o.db", "--at", "yesterday")]
    [InlineData("restore", "--repository", "r", "--output", "o.db", "--position", "1", "--label", "l")]
    [InlineData("verify", "--repository", "r", "--level", "bogus")]
    [InlineData("list", "--repository")]
    public async Task A_wrong_command_line_is_told_in_one_line_and_exits_1(params string[] arguments)
    {
        var result = await RunAsync(arguments);

        result.ShouldExit(1);
        Assert.Empty(result.Output);
        AssertOneError(result);
    }

    [Fact]
    public async Task A_wrong_value_is_named()
    {
        var result = await RunAsync("backup", "--database", "a.db", "--repository", "r", "--compression", "bogus");

        Assert.Contains("bogus", result.ErrorLines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "backup", "--database", "missing.db", "--repository", "r", "--state", "s")]
    [InlineData(10, "list", "--repository", "missing")]
    [InlineData(10, "verify", "--repository", "missing")]
    [InlineData(10, "restore", "--repository", "missing", "--output", "o.db")]
    public async Task What_is_not_there_is_told_in_one_line_with_a_hint_and_nothing_is_created(int exitCode, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("sidecar-command-line-");
        try
        {
            await using var process = SidecarProcess.Start(SidecarBinary.Current, arguments, workingDirectory: folder.FullName);
            var result = await process.WaitForExitAsync(Ct);

            result.ShouldExit(exitCode);
            AssertOneError(result);
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One line says what was wrong, one what to do next, and no line comes from a stack.</summary>
    private static void AssertOneError(SidecarResult result)
    {
        Assert.Collection(
            result.ErrorLines,
            line => Assert.StartsWith("error: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("hint: ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("Exception", result.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<int> ListedExitCodes(SidecarResult help) =>
        help.OutputLines
            .SkipWhile(line => line != "Exit codes:")
            .Select(line => ExitCodeLine().Match(line))
            .Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private static Task<SidecarResult> RunAsync(params string[] arguments) => SidecarBinary.RunAsync(arguments, Ct);

    [GeneratedRegex(@"^ +(\d+)  \S")]
    private static partial Regex ExitCodeLine();
}
