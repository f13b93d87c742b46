using BackupSidecar.Following;
using BackupSidecar.Policies;

namespace BackupSidecar.Hosting.Serve;

/// <summary>How full the volumes are that backups depend on, and how that has changed.</summary>
internal sealed class DiskGauge(TimeProvider time)
{
    /// <summary>A look is one call to the system for each directory.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    /// <summary>Past it every other sample is dropped: the line needs no more, over whatever time.</summary>
    private const int SamplesMax = 300;

    /// <summary>Directories that are looked at; an app rarely spreads its databases over more volumes.</summary>
    private const int DirectoriesMax = 16;

    private readonly Dictionary<string, List<(DateTimeOffset At, long FreeBytes)>> _samples = new(StringComparer.Ordinal);
    private IReadOnlyList<DiskStatus> _disks = [];

    public IReadOnlyList<DiskStatus> Disks => Volatile.Read(ref _disks);

    /// <summary>From one thread, once in <see cref="Every"/>.</summary>
    /// <param name="directories">Each with its use; of those on one volume the first counts.</param>
    public void Look(IEnumerable<(string Path, string Use)> directories)
    {
        var now = time.GetUtcNow();
        var disks = new List<DiskStatus>();
        foreach (var (path, use) in directories.DistinctBy(directory => directory.Path).Take(DirectoriesMax))
        {
            if (TryLook(path) is var (free, total) && !disks.Any(disk => (disk.TotalBytes, disk.FreeBytes) == (total, free)))
            {
                disks.Add(new DiskStatus(path, use, free, total, DiskForecast.FullAt(Sampled(path, now, free))));
            }
        }

        foreach (var gone in _samples.Keys.Except(disks.Select(disk => disk.Path)).ToList())
        {
            _ = _samples.Remove(gone);
        }

        Volatile.Write(ref _disks, disks);
    }

    private static (long Free, long Total)? TryLook(string path)
    {
        try
        {
            var volume = new DriveInfo(path);
            return volume.TotalSize is > 0 and var total ? (volume.AvailableFreeSpace, total) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Whatever is wrong with it is told by those who use it.
            return null;
        }
    }

    private List<(DateTimeOffset At, long FreeBytes)> Sampled(string path, DateTimeOffset now, long free)
    {
        if (!_samples.TryGetValue(path, out var samples))
        {
            _samples[path] = samples = [];
        }

        samples.Add((now, free));
        if (samples.Count > SamplesMax)
        {
            var kept = samples.Where((_, i) => i % 2 == 0).ToList();
            samples.Clear();
            samples.AddRange(kept);
        }

        return samples;
    }
}
