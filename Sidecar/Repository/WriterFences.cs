using BackupSidecar.Store;

namespace BackupSidecar.Repository;

/// <summary>How far what was put under each former lease counts. What a writer puts after it was taken over lies there and is counted by nobody.</summary>
internal sealed class WriterFences
{
    private readonly Dictionary<long, long> _lastOf = [];

    /// <param name="fences">Two of one lease say the same, unless an announcement was answered late: then the further one counts, since it was acknowledged.</param>
    public WriterFences(IEnumerable<FenceName> fences)
    {
        foreach (var fence in fences)
        {
            _lastOf[fence.Lease] = Math.Max(fence.Announcement, _lastOf.GetValueOrDefault(fence.Lease));
        }
    }

    /// <returns>The last announcement under a lease that counts; null: all do.</returns>
    public long? LastOf(long lease) => _lastOf.TryGetValue(lease, out var last) ? last : null;

    /// <summary>Whether what bears this stamp was put by somebody who was allowed to.</summary>
    public bool Counts(WriterStamp stamp) => stamp.IsNone || !(stamp.Announcement > LastOf(stamp.Lease));

    public static async ValueTask<WriterFences> ReadAsync(IObjectStore store, CancellationToken ct)
    {
        var fences = new List<FenceName>();
        await foreach (var listing in store.ListAsync(RepositoryLayout.FenceFolder, ct))
        {
            if (FenceName.TryParse(listing.Name, out var fence))
            {
                fences.Add(fence);
            }
        }

        return new WriterFences(fences);
    }
}
