namespace BackupSidecar.Following;

/// <summary>A file that one follower has to itself until this is disposed.</summary>
internal sealed class FollowedFile(string path, string source, Action release) : IDisposable
{
    private bool _isReleased;

    public string Path => path;

    public string Source => source;

    public void Dispose()
    {
        if (!_isReleased)
        {
            _isReleased = true;
            release();
        }
    }
}
