using Xunit;

namespace BackupSidecar.Containers;

/// <summary>What a container, or a command in one, ended with.</summary>
internal sealed record Ran(long ExitCode, string Output, string Error)
{
    public Ran ShouldEnd(long exitCode)
    {
        Assert.True(ExitCode == exitCode, ToString());
        return this;
    }

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}
