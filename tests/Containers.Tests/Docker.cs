using System.Diagnostics;

namespace BackupSidecar.Containers;

/// <summary>The docker command, for what users type and for what the library does not do.</summary>
internal static class Docker
{
    public static async Task<string> RunAsync(IEnumerable<string> arguments, CancellationToken ct) => await ProgramAsync("docker", arguments, ct);

    public static Task<string> RunAsync(string arguments, CancellationToken ct) => RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), ct);

    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task<string> ProgramAsync(string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Images.Repository };
        start.Environment["DOCKER_BUILDKIT"] = "0";
        (start.Environment["TAG"], start.Environment["PORT"]) = (Images.Tag, "0");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await error} {await output}");
    }
}
