using System.Diagnostics;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests.Foreign;

/// <summary>A client that nobody here wrote, run to its end.</summary>
internal static class ForeignProgram
{
    /// <summary>Where it is set, a client that is not installed is a failure, and no reason to skip its tests.</summary>
    public const string Required = "BACKUPSIDECAR_REQUIRE_FOREIGN_CLIENTS";

    private static readonly TimeSpan RunTimeMax = TimeSpan.FromMinutes(2);

    /// <summary>Skips the test, or fails it where the clients are required.</summary>
    public static void SkipUnless(bool isThere, string missing)
    {
        if (Environment.GetEnvironmentVariable(Required) is { Length: > 0 })
        {
            Assert.True(isThere, $"{missing} {Required} is set, so this is a failure.");
        }

        Assert.SkipUnless(isThere, missing);
    }

    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string folder, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(RunTimeMax);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(late.Token);
            var error = process.StandardError.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await error}\n{await output}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
