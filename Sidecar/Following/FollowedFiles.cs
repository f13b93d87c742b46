using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>The files that are followed in this process: each by one follower.</summary>
/// <remarks>
/// Two followers of one file, through a link or two hard links, would drop each other's locks: closing a descriptor of a file drops all the
/// process's POSIX locks on it.
/// </remarks>
internal sealed class FollowedFiles
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Device, ulong Inode), FollowedFile> _held = [];

    /// <param name="file">The file that is to be followed now.</param>
    /// <param name="source">Who follows it.</param>
    /// <param name="before">What this follower holds already, and lets go if it is another file; null: nothing.</param>
    /// <exception cref="OperatorException">Another source has it.</exception>
    public FollowedFile Hold(SourceFile file, string source, FollowedFile? before)
    {
        var key = (file.Identity.Device, file.Identity.Inode);
        lock (_gate)
        {
            if (before is not null && _held.GetValueOrDefault(key) == before)
            {
                return before;
            }

            before?.Dispose();
            if (_held.TryGetValue(key, out var other))
            {
                throw new OperatorException(
                    FailureKind.Failed,
                    $"{file.Path} is the same file as {other.Path}, which source '{other.Source}' follows.",
                    "Name each database once, not by two links. If one source took the place of the other, it begins when that one has made its final capture.");
            }

            return _held[key] = new FollowedFile(file.Path, source, () => Release(key));
        }
    }

    private void Release((ulong Device, ulong Inode) key)
    {
        lock (_gate)
        {
            _ = _held.Remove(key);
        }
    }
}
