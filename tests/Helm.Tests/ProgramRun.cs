using System.Diagnostics;

namespace BackupSidecar.Helm.Tests;

/// <summary>A program that was run to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error, TimeSpan Duration)
{
    private static readonly TimeSpan RunTimeMax = TimeSpan.FromMinutes(2);

    /// <param name="program">A path, or a name that the system finds.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it is run.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<ProgramRun> OfAsync(string program, IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string> environment, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var began = TimeProvider.System.GetTimestamp();
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(RunTimeMax);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(late.Token);
            var error = process.StandardError.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            return new ProgramRun(process.ExitCode, await output, await error, TimeProvider.System.GetElapsedTime(began));
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
