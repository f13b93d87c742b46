namespace BackupSidecar.Primitives;

/// <summary>Consecutive pages: <paramref name="Count"/> from <paramref name="First"/> on.</summary>
internal readonly record struct PageRun(uint First, uint Count)
{
    /// <summary>The page after the last one.</summary>
    public ulong End => (ulong)First + Count;
}
