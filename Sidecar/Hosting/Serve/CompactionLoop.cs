using Microsoft.Extensions.Logging;

namespace BackupSidecar.Hosting.Serve;

/// <summary>Compacts source after source, one at a time in the whole process, each when it is due.</summary>
/// <param name="compact">Compacts the source of this name if there is something to do; says when there is again, null: when something new was captured.</param>
internal sealed class CompactionLoop(Func<string, CancellationToken, ValueTask<DateTimeOffset?>> compact, SourceSet sources, ILogger log, TimeProvider time)
{
    /// <summary>How often it is looked whether something is due. A look asks neither disk nor repository.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>After a failure.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Due> _due = new(StringComparer.Ordinal);

    public DateTimeOffset? NextOf(string source)
    {
        lock (_gate)
        {
            return _due.GetValueOrDefault(source)?.At;
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
                    if (status.Position is { } position && IsDue(status.Name, position))
                    {
                        var next = await CompactAsync(status.Name, stop);
                        lock (_gate)
                        {
                            _due[status.Name] = new Due(position, next);
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
            return _due.GetValueOrDefault(source) is not { } due || (due.At is { } at ? at <= time.GetUtcNow() : due.Position != position);
        }
    }

    private async ValueTask<DateTimeOffset?> CompactAsync(string source, CancellationToken stop)
    {
        try
        {
            return await compact(source, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            HostingLog.CompactionFailed(log, e, source, e.Message);
            return time.GetUtcNow() + Pause;
        }
    }

    /// <param name="Position">The newest one when it was compacted last.</param>
    /// <param name="At">Null: when there is a newer position.</param>
    private sealed record Due(ulong Position, DateTimeOffset? At);
}
