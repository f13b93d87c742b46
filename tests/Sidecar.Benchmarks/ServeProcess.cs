using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace BackupSidecar.Benchmarks;

/// <summary>A running serve and what it has stored, as its log tells it.</summary>
/// <remarks>
/// A line says "captured" after the pack is published, its directory flushed, and the page hashes kept. So a time until its line is above the time until the
/// commit can be restored, by the last of the three and by the way of the line through a pipe.
/// </remarks>
internal sealed partial class ServeProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int LastLinesMax = 20;

    /// <summary>A capture that does not come by then is a failure of the benchmark; a first full backup of a large database takes minutes.</summary>
    private static readonly TimeSpan CaptureMax = TimeSpan.FromMinutes(15);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly Channel<StoredCapture> _captures = Channel.CreateUnbounded<StoredCapture>();
    private readonly Queue<string> _lastLines = [];
    private readonly Task _reading;

    private ServeProcess(Process process, long startedAt, TimeProvider time)
    {
        _process = process;
        _time = time;
        StartedAt = startedAt;
        _reading = Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public int Id => _process.Id;

    /// <summary>Before the process was made.</summary>
    public long StartedAt { get; }

    public static ServeProcess Start(string program, IReadOnlyList<string> databases, string repository, string state, string interval, TimeProvider time, params IReadOnlyList<string> more) =>
        Start(program, ["--repository", repository, "--state", state, "--interval", interval, .. more, "--database", .. databases], time);

    /// <summary>With everything else in a file.</summary>
    public static ServeProcess StartConfigured(string program, string configuration, TimeProvider time) => Start(program, ["--config", configuration], time);

    private static ServeProcess Start(string program, string[] arguments, TimeProvider time)
    {
        var start = new ProcessStartInfo(program, ["serve", .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["BACKUPSIDECAR__LOG__LEVEL"] = "debug";

        // The app stays attached; there is no use in waiting for it to leave.
        start.Environment["BACKUPSIDECAR__SHUTDOWN__DEADLINE"] = "2s";
        start.Environment["BACKUPSIDECAR__SHUTDOWN__RESERVE"] = "1900ms";
        var startedAt = time.GetTimestamp();
        return new ServeProcess(Process.Start(start)!, startedAt, time);
    }

    /// <summary>The next capture that holds a commit.</summary>
    public async Task<StoredCapture> NextAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(CaptureMax);
        try
        {
            return await _captures.Reader.ReadAsync(limit.Token);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            throw new InvalidOperationException($"serve did not capture what was committed; its last lines: {LastLines()}", e);
        }
    }

    /// <summary>Forgets the captures that nobody asked for.</summary>
    public void Drain()
    {
        while (_captures.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Commits single rows until one was captured from the log: from then on serve is in step with the app.</summary>
    public async Task CatchUpAsync(SampleDatabase database, SqliteConnection app, CancellationToken ct)
    {
        do
        {
            Drain();
            database.UpdateRandomRows(app, 1);
        }
        while ((await NextAsync(ct)).Method != "Wal");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Signal(Id, Terminate);
        }

        await EndAsync();
        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        await _reading;
    }

    private void Read()
    {
        while (_process.StandardError.ReadLine() is { } line)
        {
            var at = _time.GetTimestamp();
            lock (_lastLines)
            {
                _lastLines.Enqueue(line);
                if (_lastLines.Count > LastLinesMax)
                {
                    _lastLines.Dequeue();
                }
            }

            if (Captured().Match(line) is { Success: true } captured && captured.Groups["commits"].Value != "0")
            {
                _captures.Writer.TryWrite(new StoredCapture(at, captured.Groups["source"].Value, captured.Groups["method"].Value, NumberOf(captured, "pages")));
            }
            else if (Compared().Match(line) is { Success: true } compared)
            {
                _captures.Writer.TryWrite(new StoredCapture(at, compared.Groups["source"].Value, "compared", NumberOf(compared, "pages")));
            }
        }

        _captures.Writer.Complete();
    }

    private string LastLines()
    {
        lock (_lastLines)
        {
            return string.Join(Environment.NewLine, _lastLines);
        }
    }

    private static int NumberOf(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<source>\S+): captured (?<commits>\d+) commits \((?<method>\w+)\), (?<pages>\d+) pages")]
    private static partial Regex Captured();

    [GeneratedRegex(@"(?<source>\S+): compared all pages because .*; (?<pages>\d+) pages stored")]
    private static partial Regex Compared();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
