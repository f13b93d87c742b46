using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BackupSidecar.EndToEnd;

/// <summary>One run of the program, or of an app beside it. Disposing kills it if it still runs, and waits until it is gone.</summary>
internal sealed partial class SidecarProcess : IAsyncDisposable
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private const int SigStop = 19;

    /// <summary>How long a run may take before the test fails and says what it printed; far above what any run needs on a loaded machine.</summary>
    private static readonly TimeSpan RunTimeMax = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly string _commandLine;
    private readonly OutputLog _output = new();
    private readonly OutputLog _error = new();

    private SidecarProcess(Process process, string commandLine)
    {
        _process = process;
        _commandLine = commandLine;
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="environment">Variables to set, or with null to remove, on top of this process's own.</param>
    /// <param name="userId">Another user than this process's; needs root.</param>
    /// <param name="openFiles">The soft and the hard limit of open files; null: this process's own.</param>
    public static SidecarProcess Start(
        SidecarBinary binary, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null, uint? userId = null, (int Soft, int Hard)? openFiles = null) =>
        Start(binary.Path, arguments, environment, workingDirectory, userId, openFiles);

    /// <param name="program">The path of another program.</param>
    /// <param name="arguments">Its own.</param>
    /// <param name="environment">As above.</param>
    /// <param name="workingDirectory">Null: this process's own.</param>
    public static SidecarProcess StartProgram(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, string? workingDirectory) =>
        Start(program, arguments, environment, workingDirectory, userId: null, openFiles: null);

    private static SidecarProcess Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment, string? workingDirectory, uint? userId, (int Soft, int Hard)? openFiles)
    {
        string[] user = userId is { } id ? ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups"] : [];
        string[] limits = openFiles is var (soft, hard) ? ["prlimit", $"--nofile={soft}:{hard}"] : [];

        // A shell's background jobs ignore SIGINT and hand that on to their children; env gives the program the signals as a terminal would.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,TERM,HUP", .. user, .. limits, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? Environment.CurrentDirectory,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var run = new SidecarProcess(process, string.Join(' ', [Path.GetFileName(program), .. arguments]));
        process.OutputDataReceived += (_, line) => run._output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => run._error.Add(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return run;
    }

    /// <summary>As Ctrl-C does.</summary>
    public void Interrupt() => Signal(SigInt);

    /// <summary>As a terminal that closes does; serve takes it as the request to read its configuration again.</summary>
    public void HangUp() => Signal(SigHup);

    public void Terminate() => Signal(SigTerm);

    /// <summary>Ends it as a power loss would: nothing of it runs any more.</summary>
    public void Kill() => Signal(SigKill);

    /// <summary>Stands still until <see cref="Resume"/>, with everything that it holds.</summary>
    public void Pause() => Signal(SigStop);

    public void Resume() => Signal(SigContinue);

    /// <summary>What it has printed so far, for the message of a failure.</summary>
    public override string ToString() => Result(exitCode: -1).ToString();

    /// <summary>The first line on standard error that fits, now or later; fails if the program ends without one.</summary>
    public Task<string> WaitForErrorLineAsync(Func<string, bool> fits, CancellationToken ct) => WaitForLineAsync(_error, fits, ct);

    /// <summary>The first line on standard output that fits, now or later; fails if the program ends without one.</summary>
    public Task<string> WaitForOutputLineAsync(Func<string, bool> fits, CancellationToken ct) => WaitForLineAsync(_output, fits, ct);

    public async Task<SidecarResult> WaitForExitAsync(CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(RunTimeMax);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Still running after {RunTimeMax.TotalSeconds:0} s, waited for its end: {Result(exitCode: -1)}");
        }

        return Result(_process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task<string> WaitForLineAsync(OutputLog log, Func<string, bool> fits, CancellationToken ct)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(ct);
        late.CancelAfter(RunTimeMax);
        try
        {
            return await log.FirstAsync(fits, late.Token)
                ?? throw new InvalidOperationException($"It ended without the line that the test waits for: {await WaitForExitAsync(ct)}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"Still running after {RunTimeMax.TotalSeconds:0} s, waited for a line: {Result(exitCode: -1)}");
        }
    }

    private SidecarResult Result(int exitCode) => new(_commandLine, exitCode, _output.Text, _error.Text);

    private void Signal(int signal)
    {
        if (!_process.HasExited)
        {
            // The only error left is that it has just ended, which is what the signal is for.
            _ = SendSignal(_process.Id, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
