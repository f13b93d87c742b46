using System.Diagnostics;
using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Demo;

/// <summary>The running <c>demo-writer</c>. Disposing kills it.</summary>
internal sealed class DemoWriterProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _heard = new(0);
    private readonly Task _listening;
    private long _acknowledged;

    private DemoWriterProcess(Process process)
    {
        _process = process;
        _listening = ListenAsync();
    }

    public int Id => _process.Id;

    /// <summary>Commits that it has told of; it may have made a few more.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    public static DemoWriterProcess Start(string database)
    {
        string[] arguments = [DemoWriterCommand.Name, "--database", database];
        var program = Environment.ProcessPath!;

        // Started as "dotnet backup-sidecar.dll", the process is the runtime's.
        var start = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? new ProcessStartInfo(program, [Path.Join(AppContext.BaseDirectory, $"{CommandLine.ProgramName}.dll"), .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return new DemoWriterProcess(Process.Start(start)!);
    }

    /// <summary>Returns when it has committed this many times more.</summary>
    public async ValueTask AwaitCommitsAsync(long more, CancellationToken ct)
    {
        for (var target = Acknowledged + more; Acknowledged < target; await _heard.WaitAsync(ct))
        {
            if (_listening.IsCompleted)
            {
                throw new OperatorException(
                    FailureKind.Failed, "The writer of the demonstration ended by itself.", "Its own error stands above. Check that the temporary directory (TMPDIR) has 100 MB free.");
            }
        }
    }

    /// <summary>SIGKILL, in the middle of whatever it does.</summary>
    public async ValueTask KillAsync()
    {
        _process.Kill();
        await _listening;
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        _heard.Dispose();
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            // A killed writer may leave half a line: it acknowledged nothing.
            if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var committed) && committed > Acknowledged)
            {
                Interlocked.Exchange(ref _acknowledged, committed);
            }

            _heard.Release();
        }

        _heard.Release();
    }
}
