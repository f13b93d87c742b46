using System.Diagnostics;
using Xunit;

namespace BackupSidecar.EndToEnd.RealInput;

/// <summary>A program that nobody here wrote and that keeps its data in SQLite.</summary>
internal static class ForeignProgram
{
    /// <summary>Skips the test by name where the program is not installed.</summary>
    public static void Require(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, name)));
        Assert.SkipUnless(found, $"{name} is not installed (Debian package {(name.StartsWith("svn", StringComparison.Ordinal) ? "subversion" : name)}).");
    }

    /// <returns>What it printed on its standard output.</returns>
    public static async Task<string> RunAsync(string name, string directory, string[] arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(name, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HOME"] = directory;
        start.Environment["USER"] = "tester";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        Assert.True(process.ExitCode == 0, $"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await error}");
        return await output;
    }
}
