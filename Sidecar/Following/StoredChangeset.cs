using BackupSidecar.Primitives;
using BackupSidecar.Repository;

namespace BackupSidecar.Following;

/// <summary>A pack that a capture from the log has put.</summary>
internal readonly record struct StoredChangeset(PackName Name, long LengthBytes, uint PageCount)
{
    public Position Position => Name.To;
}
