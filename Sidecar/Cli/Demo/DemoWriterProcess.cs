using System.Diagnostics;
using System.Globalization;
using BackupSidecar.Primitives;

namespace BackupSidecar.Cli.Demo;

/// <summary>The running <c>demo-writer</c>. Disposing kills it.</summary>
internal sealed class DemoWriterProcess : IAsyncDisposable
{
    private readonly Process _process;

    private DemoWriterProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Commits that it has told of; it may have made a few more.</summary>
    public long Acknowledged { get; private set; }

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
        // What came meanwhile lies in the pipe; the newest line counts as now.
        for (var target = Acknowledged + more; Acknowledged < target;)
        {
            await ReadAsync(ct);
        }
    }

    /// <summary>SIGKILL, in the middle of whatever it does.</summary>
    public async ValueTask KillAsync(CancellationToken ct)
    {
        _process.Kill();
        while (await _process.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            Acknowledged = Parse(line);
        }

        await _process.WaitForExitAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async ValueTask ReadAsync(CancellationToken ct) =>
        Acknowledged = await _process.StandardOutput.ReadLineAsync(ct) is { } line ? Parse(line) : throw new OperatorException(
            FailureKind.Failed, "The writer of the demonstration ended by itself.", "Its own error stands above. Check that the temporary directory (TMPDIR) has 100 MB free.");

    /// <summary>A killed writer may leave half a line: it acknowledged nothing.</summary>
    private long Parse(string line) => long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var committed) ? Math.Max(committed, Acknowledged) : Acknowledged;
}
