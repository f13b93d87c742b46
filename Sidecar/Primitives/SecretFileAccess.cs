namespace BackupSidecar.Primitives;

/// <summary>Who may read a file with a secret.</summary>
internal static class SecretFileAccess
{
    private const uint Root = 0;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode SetGroup = UnixFileMode.SetGroup;

    /// <summary>True if others may read or change it than must be able to.</summary>
    /// <remarks>
    /// A file is for its owner alone. One exception: a file of root that another user reads has to let that user's group read it, which is how Kubernetes
    /// mounts a Secret into a pod with an fsGroup. Root itself could give its own files to nobody else, and has no need of it.
    /// </remarks>
    public static bool IsOpenToOthers(UnixFileMode mode, uint owner, uint reader)
    {
        var allowed = owner == Root && reader != Root ? Owner | UnixFileMode.GroupRead | SetGroup : Owner;
        return (mode & ~allowed) != 0;
    }
}
