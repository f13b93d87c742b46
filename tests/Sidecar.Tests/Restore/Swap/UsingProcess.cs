using System.Diagnostics;
using System.Globalization;
using System.Text;
using BackupSidecar.Restore.Swap;

namespace BackupSidecar.Tests.Restore.Swap;

/// <summary>A process of its own that swaps or uses a database (Sidecar.SwapKill), killed at the end.</summary>
internal sealed class UsingProcess : IDisposable
{
    private static readonly TimeSpan AnswerWaitMax = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private UsingProcess(params string[] arguments)
        : this(Program, arguments)
    {
    }

    private UsingProcess(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "Sidecar.SwapKill");

    public int Id => _process.Id;

    /// <summary>Opens the file, and does nothing with it.</summary>
    public static async Task<UsingProcess> OpenAsync(string path, int busyMs)
    {
        var process = new UsingProcess("wait", path, busyMs.ToString(CultureInfo.InvariantCulture));
        await process.ExpectAsync("opened");
        return process;
    }

    /// <summary>Has used the database once and keeps its connection.</summary>
    public static async Task<UsingProcess> AttachAsync(string path)
    {
        var process = await AttachingAsync(path);
        await process.ReadAsync();
        return process;
    }

    /// <summary>Uses the database once; how it went is its next answer.</summary>
    public static async Task<UsingProcess> AttachingAsync(string path)
    {
        var process = await OpenAsync(path, busyMs: 0);
        await process.BeginAddingRowsAsync();
        return process;
    }

    public static UsingProcess StartLooping() => new("loop");

    public static UsingProcess StartSwapping(SwapScene scene, bool appIsStopped, SwapStep stopAt) =>
        new("swap", scene.Target, scene.Staged, SwapScene.RestoreId, appIsStopped.ToString(), stopAt.ToString());

    /// <summary>As root in a container usually is: without the right to take leases on the files of others.</summary>
    public static UsingProcess StartSwappingWithoutLeaseRight(SwapScene scene, SwapStep stopAt) =>
        new("setpriv", ["--bounding-set", "-lease", "--inh-caps", "-lease", Program, "swap", scene.Target, scene.Staged, SwapScene.RestoreId, bool.FalseString, stopAt.ToString()]);

    /// <summary>Begins to wait for the lock of the database, for as long as its busy time-out allows.</summary>
    public async Task BeginAddingRowsAsync()
    {
        await WriteAsync(string.Empty);
        await ExpectAsync("trying");
    }

    /// <summary>Whose rows it found and added to, or "busy".</summary>
    public async Task<string> AddRowsAsync()
    {
        await BeginAddingRowsAsync();
        return await ReadAsync();
    }

    /// <summary>It ends when it has done what it was told.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public async Task WriteAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(AnswerWaitMax, TimeProvider.System)
        ?? throw new InvalidOperationException("The process ended instead of answering.");

    public async Task ExpectAsync(string line)
    {
        var answer = await ReadAsync();
        if (answer != line)
        {
            throw new InvalidOperationException($"Expected '{line}' from the process, and it said '{answer}'.");
        }
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
