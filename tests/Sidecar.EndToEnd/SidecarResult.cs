namespace BackupSidecar.EndToEnd;

/// <summary>What one run of the program left: its exit code and everything it printed.</summary>
/// <param name="ExitCode">128 + the signal's number if one ended it.</param>
internal sealed record SidecarResult(string CommandLine, int ExitCode, string Output, string Error)
{
    public IReadOnlyList<string> OutputLines => LinesOf(Output);

    public IReadOnlyList<string> ErrorLines => LinesOf(Error);

    /// <summary>For the message of a failed assertion.</summary>
    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";

    /// <summary>This result, or a failure that shows all of it.</summary>
    public SidecarResult ShouldExit(int exitCode) => ExitCode == exitCode ? this : throw new InvalidOperationException($"Expected exit code {exitCode}: {this}");

    private static string[] LinesOf(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
