namespace BackupSidecar.Cli.Demo;

/// <summary>A command of the demonstration failed, and has said why.</summary>
internal sealed class DemoStepException(int exitCode) : Exception($"A step ended with exit code {exitCode}.")
{
    public int ExitCode => exitCode;
}
