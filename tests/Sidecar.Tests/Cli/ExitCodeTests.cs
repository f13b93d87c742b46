using BackupSidecar.Cli;
using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Cli;

public sealed class ExitCodeTests
{
    [Fact]
    public void Every_kind_of_failure_has_a_code_that_the_help_explains()
    {
        var codes = Enum.GetValues<FailureKind>().Except([FailureKind.Unspecified]).Select(ExitCode.Of).ToList();

        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.DoesNotContain(ExitCode.Ok, codes);
        Assert.Subset(ExitCode.Table.Select(row => row.Code).ToHashSet(), codes.ToHashSet());
    }

    [Fact]
    public void A_failure_that_says_nothing_is_a_failure() => Assert.Equal(ExitCode.Failed, ExitCode.Of(FailureKind.Unspecified));

    [Fact]
    public void The_numbers_are_a_contract() =>
        Assert.Equal([0, 1, 3, 10, 11, 12, 13, 14, 15, 130], ExitCode.Table.Select(row => row.Code));

    [Theory]
    [InlineData]
    [InlineData("backup")]
    [InlineData("list")]
    [InlineData("restore")]
    [InlineData("verify")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("completion")]
    public async Task Every_help_ends_with_all_exit_codes(params string[] command)
    {
        var bench = new CommandLineBench();

        var exitCode = await bench.RunAsync([.. command, "--help"]);

        Assert.Equal(ExitCode.Ok, exitCode);
        var rows = bench.OutLines.SkipWhile(line => line != "Exit codes:").Skip(1).Select(line => int.Parse(line.Trim().Split(' ')[0], null)).ToList();
        Assert.Equal(ExitCode.Table.Select(row => row.Code), rows);
    }
}
