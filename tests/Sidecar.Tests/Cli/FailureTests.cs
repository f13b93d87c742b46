using BackupSidecar.Cli;
using BackupSidecar.Cli.Output;
using BackupSidecar.Primitives;
using Xunit;

namespace BackupSidecar.Tests.Cli;

public sealed class FailureTests
{
    [Fact]
    public void A_mistake_of_ours_is_admitted_in_one_line_and_shows_its_details_on_demand()
    {
        var failure = Failure.Of(new InvalidOperationException("It went\nwrong."));
        var bench = new CommandLineBench();

        new PeopleOutput(bench.Surroundings).Fail(failure);

        Assert.Equal(ExitCode.Failed, failure.ExitCode);
        Assert.Equal(["error: InvalidOperationException: It went wrong.", "hint: This is a mistake in this program, please report it. BACKUPSIDECAR_DEBUG=1 shows the details."], bench.ErrorLines);

        bench.Variables[PeopleOutput.DebugVariable] = "1";
        new PeopleOutput(bench.Surroundings).Fail(failure);

        Assert.True(bench.ErrorLines.Length > 4);
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    public void What_the_file_system_says_is_no_mistake_of_ours(Type type)
    {
        var failure = Failure.Of((Exception)Activator.CreateInstance(type, "/some/path is full.")!);

        Assert.Equal("/some/path is full.", failure.Message);
        Assert.Null(failure.Details);
        Assert.DoesNotContain("mistake", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_of_several_lines_becomes_one() =>
        Assert.Equal("one two", Failure.Of(new OperatorException(FailureKind.Failed, "one\ntwo", "three")).Message);
}
