using System.Diagnostics;

namespace BackupSidecar.Benchmarks;

/// <summary>Runs programs and times them from start to exit.</summary>
internal sealed class Tool(TimeProvider time)
{
    /// <summary>Variables that every program gets, such as restic's password.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public static bool IsInstalled(string name) =>
        (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>A program's first line of output, or null if it is not installed.</summary>
    public async Task<string?> FirstLineAsync(string program, string argument, CancellationToken ct) =>
        IsInstalled(program) ? (await RunAsync(program, [argument], ct)).Output.Split('\n')[0] : null;

    /// <summary>Runs a shell line; <c>&amp;&amp; sync FILE</c> is how the peers get their fsync.</summary>
    public Task<ToolRun> ShellAsync(string line, CancellationToken ct) => RunAsync("sh", ["-c", line], ct);

    public Task<ToolRun> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct) =>
        RunAsync(program, arguments, watchMemory: false, ct);

    /// <exception cref="InvalidOperationException">It failed; the message holds what it printed.</exception>
    public async Task<ToolRun> RunAsync(string program, IEnumerable<string> arguments, bool watchMemory, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        var began = time.GetTimestamp();
        using var process = Process.Start(start)!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        var memory = watchMemory ? ProcessFacts.PeakAsync(process.Id, "RssAnon", time, ended.Token) : Task.FromResult(0L);
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        var duration = time.GetElapsedTime(began);
        await ended.CancelAsync();
        var run = new ToolRun(duration, await output, await memory);
        return process.ExitCode == 0
            ? run
            : throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {run.Output} {await error}");
    }
}
