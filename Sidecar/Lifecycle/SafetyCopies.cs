using BackupSidecar.Restore.Swap;
using Microsoft.Extensions.Logging;

namespace BackupSidecar.Lifecycle;

/// <summary>Removes the databases that restores replaced when their time is over; only those of which every commit is stored.</summary>
/// <remarks>Used under the gate of the lifecycle.</remarks>
/// <param name="due">Called when there is something to remove; calls <see cref="Sweep"/> under the gate.</param>
internal sealed class SafetyCopies(string source, TimeSpan keep, KnownRestores restores, Action due, ILogger log, TimeProvider time) : IDisposable
{
    /// <summary>What fails is not tried again at once.</summary>
    private static readonly TimeSpan WaitMin = TimeSpan.FromMinutes(1);

    /// <summary>A timer's longest wait is 49 days; the next look plans again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    private ITimer? _timer;
    private DateTimeOffset? _planned;

    /// <summary>Sees to it that <c>due</c> is called when the next one is.</summary>
    public void Plan()
    {
        var next = restores.All.Where(IsSwept).Min(restore => restore.EndedAt) + keep;
        if (next == _planned)
        {
            return;
        }

        _planned = next;
        _timer?.Dispose();
        _timer = null;
        if (next is { } at)
        {
            var wait = TimeSpan.FromTicks(Math.Clamp((at - time.GetUtcNow()).Ticks, WaitMin.Ticks, WaitMax.Ticks));
            _timer = time.CreateTimer(_ => due(), null, wait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Sweep()
    {
        _planned = null;
        foreach (var restore in restores.All.Where(IsSwept).Where(restore => restore.EndedAt + keep <= time.GetUtcNow()).ToList())
        {
            Remove(restore, restore.SafetyCopy!);
            _ = restores.Save(restore with { SafetyCopy = null });
        }
    }

    public void Dispose() => _timer?.Dispose();

    private static bool IsSwept(RestoreRecord restore) => restore is { SafetyCopy: not null, IsSafetyCopyCaptured: true, State: RestoreState.Confirmed or RestoreState.RolledBack };

    private void Remove(RestoreRecord restore, string path)
    {
        var expected = restore.State == RestoreState.Confirmed ? restore.OldInode : restore.StagedInode;
        switch (FileFacts.Of(path)?.Inode)
        {
            case null:
                break;
            case { } inode when inode == expected:
                FileNames.Remove(path);
                LifecycleLog.SafetyCopyRemoved(log, source, path, restore.Id);
                break;
            default:
                LifecycleLog.Warning(log, source, $"'{path}' is not the database that restore {restore.Id} left there, and is left alone.");
                break;
        }
    }
}
