using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BackupSidecar.Testing;

/// <summary>A line to a port of this machine, as a process of its own, that a test breaks, blocks and slows down. Disposing kills it.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    /// <summary>Far above what any command takes on a busy machine.</summary>
    private static readonly TimeSpan AnswerWaitMax = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ProxyProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    /// <param name="target">Where its connections go: a port of loopback.</param>
    public static async Task<ProxyProcess> StartAsync(Uri target)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Sidecar.Writer"), ["proxy", target.Port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var proxy = new ProxyProcess(Process.Start(start)!);
        proxy._process.OutputDataReceived += (_, line) => proxy.Hear(line.Data);
        proxy._process.BeginOutputReadLine();
        proxy.Address = new UriBuilder(target) { Port = await proxy._port.Task.WaitAsync(AnswerWaitMax) }.Uri;
        return proxy;
    }

    /// <summary>Everything passes, at once; also what has waited in a hole.</summary>
    public async Task OpenAsync()
    {
        await SendAsync("delay 0");
        await SendAsync("rate 0");
        await SendAsync("open");
    }

    /// <summary>Every connection ends, and so does each new one.</summary>
    public Task CutAsync() => SendAsync("cut");

    /// <summary>Nothing passes, and nobody is told.</summary>
    public Task SwallowAsync() => SendAsync("hole");

    /// <summary>Each byte is under way for so long in each direction, and no more than so many pass in a second.</summary>
    public async Task SlowDownAsync(int milliseconds, int bytesPerSecond)
    {
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"delay {milliseconds}"));
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"rate {bytesPerSecond}"));
    }

    /// <summary>After so many further bytes from clients nothing passes any more, as in a hole.</summary>
    /// <returns>Completed when it is so.</returns>
    public async Task<Task> HoldAfterAsync(int bytes)
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(string.Create(CultureInfo.InvariantCulture, $"hold {bytes}"));
        return _held.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _turn.Dispose();
    }

    private async Task SendAsync(string command)
    {
        await _turn.WaitAsync();
        try
        {
            _answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await _process.StandardInput.WriteLineAsync(command);
            await _process.StandardInput.FlushAsync();
            await _answered.Task.WaitAsync(AnswerWaitMax);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The proxy has not answered '{command}'.", e);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private void Hear(string? line)
    {
        if (line == "ok")
        {
            _ = _answered.TrySetResult();
        }
        else if (line == "held")
        {
            _ = _held.TrySetResult();
        }
        else if (line is not null)
        {
            _ = _port.TrySetResult(int.Parse(line, CultureInfo.InvariantCulture));
        }
    }
}
