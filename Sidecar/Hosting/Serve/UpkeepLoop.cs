using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Keeps what is stored in order, source after source, one at a time in the whole process, each when it is due: see <see cref="SourceUpkeep"/>.</summary>
/// <param name="run">Does what there is to do for the source of this name; says when there is again.</param>
internal sealed class UpkeepLoop(Func<string, CancellationToken, ValueTask<UpkeepNext>> run, SourceSet sources, ILogger log, TimeProvider time)
{
    /// <summary>How often it is looked whether something is due. A look asks neither disk nor repository.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>After a failure.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Due> _due = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public DateTimeOffset? NextOf(string source)
    {
        lock (_gate)
        {
            return _due.GetValueOrDefault(source)?.Next.At;
        }
    }

    /// <summary>It is due at the next look.</summary>
    public void Ask(string source)
    {
        lock (_gate)
        {
            _ = _due.Remove(source);
            _ = _asked.Add(source);
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                foreach (var status in sources.Statuses)
                {
                    var position = status.Position ?? 0;
                    if (IsDue(status.Name, position))
                    {
                        var next = await RunAsync(status.Name, stop);
                        lock (_gate)
                        {
                            // Asked for while it ran: it may have looked too early.
                            if (!_asked.Contains(status.Name))
                            {
                                _due[status.Name] = new Due(position, next);
                            }
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end.
        }
    }

    private bool IsDue(string source, ulong position)
    {
        lock (_gate)
        {
            _ = _asked.Remove(source);
            var now = time.GetUtcNow();
            return _due.GetValueOrDefault(source) is not { } due || due.Next.At <= now || (due.Position != position && due.Next.AtIfCaptured <= now);
        }
    }

    private async ValueTask<UpkeepNext> RunAsync(string source, CancellationToken stop)
    {
        try
        {
            return await run(source, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            HostingLog.CompactionFailed(log, e, source, e.Message);
            var next = time.GetUtcNow() + Pause;
            return new UpkeepNext(next, next);
        }
    }

    /// <param name="Position">The newest one at the last run.</param>
    private sealed record Due(ulong Position, UpkeepNext Next);
}
