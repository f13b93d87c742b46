using System.Globalization;
using BackupSidecar.Capture;
using BackupSidecar.Primitives;

namespace BackupSidecar.Following;

/// <summary>What a follower has done and how it stands, for whoever looks from another thread.</summary>
internal sealed class FollowStatus
{
    private readonly Lock _lock = new();
    private FollowSnapshot _now = new();

    public FollowSnapshot Snapshot()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public void Change(Func<FollowSnapshot, FollowSnapshot> change)
    {
        lock (_lock)
        {
            _now = change(_now);
        }
    }

    public override string ToString() => Snapshot().ToString();
}
