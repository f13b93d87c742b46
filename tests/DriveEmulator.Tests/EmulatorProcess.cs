using System.Diagnostics;
using Xunit;

namespace BackupSidecar.DriveEmulator.Tests;

/// <summary>The program in a process of its own. Disposing kills it.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private EmulatorProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>Bytes of memory that are its own and not a file's.</summary>
    public long AnonymousBytes => 1024 * long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<EmulatorProcess> StartAsync(string data, params IReadOnlyList<string> more)
    {
        var process = Start(["--data", data, "--any-token", .. more]);
        var line = await process.StandardOutput.ReadLineAsync(Ct).AsTask().WaitAsync(TimeMax, TimeProvider.System, Ct);
        return new EmulatorProcess(process, new Uri(line ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(Ct))));
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params IReadOnlyList<string> arguments)
    {
        using var process = Start(arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(Ct);
            var error = process.StandardError.ReadToEndAsync(Ct);
            await process.WaitForExitAsync(Ct).WaitAsync(TimeMax, TimeProvider.System, Ct);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>As a power loss ends it: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>As a container ends it: SIGTERM.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(Ct).WaitAsync(TimeMax, TimeProvider.System, Ct);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static Process Start(IReadOnlyList<string> arguments) => Process.Start(
        new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "drive-emulator"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
