using BackupSidecar.Primitives;

namespace BackupSidecar.Repository;

/// <summary>Sorts out of listings what was put by writers that had been taken over.</summary>
internal sealed class FencedListing(WriterFences fences)
{
    private readonly List<ObjectName> _fenced = [];

    public IReadOnlyList<ObjectName> Fenced => _fenced;

    public bool Counts(ObjectName name, WriterStamp stamp)
    {
        if (fences.Counts(stamp))
        {
            return true;
        }

        _fenced.Add(name);
        return false;
    }
}
