using BackupSidecar.Primitives;
using BackupSidecar.Source;

namespace BackupSidecar.Following;

/// <summary>Which files the followers of this process are at: one file has one follower at a time.</summary>
/// <remarks>
/// Two paths can mean one file (symbolic and hard links). Two followers of it would not only store it twice: whoever asks from outside whether an app is
/// attached opens and closes the index of the log, which drops the locks that this process has on it.
/// </remarks>
internal sealed class FileClaims
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ulong Device, ulong Inode), string> _followers = [];

    /// <exception cref="OperatorException">Another source is this very file.</exception>
    public IDisposable Take(SourceFile file, string name)
    {
        var key = (file.Identity.Device, file.Identity.Inode);
        lock (_lock)
        {
            return _followers.TryAdd(key, name) ? new Claim(this, key) : throw new OperatorException(
                FailureKind.Failed,
                $"{file.Path} is already followed as source '{_followers[key]}': two paths of the configuration mean the same file.",
                "Name each database once, by the path that its app uses.");
        }
    }

    private sealed class Claim(FileClaims claims, (ulong Device, ulong Inode) key) : IDisposable
    {
        public void Dispose()
        {
            lock (claims._lock)
            {
                _ = claims._followers.Remove(key);
            }
        }
    }
}
