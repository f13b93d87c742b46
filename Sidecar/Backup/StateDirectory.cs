using BackupSidecar.Primitives;

namespace BackupSidecar.Backup;

/// <summary>The local state of one source in one repository: its page-hash table and temporary files. The writer's lock of the repository guards it.</summary>
internal sealed class StateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _stem;

    private StateDirectory(string stem) => _stem = stem;

    public string HashTablePath => _stem + ".hashes";

    /// <exception cref="OperatorException">The directory cannot be created, or is the database's own.</exception>
    public static StateDirectory Open(string root, string databasePath, RepositoryId repository, SourceId source)
    {
        var full = Path.GetFullPath(root);
        if (full == Path.GetDirectoryName(databasePath))
        {
            throw new OperatorException(
                FailureKind.Failed,
                $"The state directory {full} is the directory of the database.",
                "Nothing of ours may lie beside the database: name another directory with --state.");
        }

        var directory = Path.Join(full, repository.ToString());
        try
        {
            _ = Directory.CreateDirectory(directory, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(directory, "creating it", e);
        }

        return new StateDirectory(Path.Join(directory, source.ToString()));
    }

    /// <summary>A temporary file that is gone with its handle, also after a kill: it has no name while it is used.</summary>
    public Stream CreateSpool()
    {
        var path = _stem + ".index";
        var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);
        File.Delete(path);
        return stream;
    }

    public OperatorException Failed(string step, Exception e) => Failed(Path.GetDirectoryName(_stem)!, step, e);

    private static OperatorException Failed(string directory, string step, Exception e) => new(
        FailureKind.Failed,
        $"The state directory {directory} cannot be used ({step}): {e.Message}",
        "Name a directory with --state that this user may write to and that has room for 32 bytes a page (8 MB for 1 GB of 4 KiB pages).",
        e);
}
