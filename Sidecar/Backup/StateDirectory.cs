using BackupSidecar.Capture;
using BackupSidecar.Primitives;

namespace BackupSidecar.Backup;

/// <summary>The local state of one source in one repository: its page-hash table and temporary files. The writer's lock of the repository guards it.</summary>
internal sealed class StateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _stem;

    private StateDirectory(string stem) => _stem = stem;

    public string HashTablePath => _stem + ".hashes";

    private string SpoolPath => _stem + ".index";

    /// <summary>Asked before anything is created. Returns the full path.</summary>
    /// <exception cref="OperatorException">The directory is the database's own, or there is a file in its place.</exception>
    public static string EnsureUsable(string databasePath, string root)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        for (var part = full; part is not null && !Directory.Exists(part); part = Path.GetDirectoryName(part))
        {
            if (File.Exists(part))
            {
                throw new OperatorException(
                    FailureKind.Failed,
                    $"The state directory {full} cannot be made: {(part == full ? "it" : part)} is a file, and a directory is needed.",
                    "Name a directory with --state (state.path in the configuration), or move the file away.");
            }
        }

        return full == Path.GetDirectoryName(databasePath)
            ? throw new OperatorException(
                FailureKind.Failed,
                $"The state directory {full} is the directory of the database.",
                "Nothing of ours may lie beside the database: name another directory with --state (state.path in the configuration).")
            : full;
    }

    /// <exception cref="OperatorException">The directory cannot be created, or is the database's own.</exception>
    public static StateDirectory Open(string root, string databasePath, RepositoryId repository, SourceId source)
    {
        var full = EnsureUsable(databasePath, root);
        var directory = Path.Join(full, repository.ToString());
        try
        {
            _ = Directory.CreateDirectory(directory, OwnerOnly);
            var state = new StateDirectory(Path.Join(directory, source.ToString()));

            // A spool loses its name at once; a kill just before that leaves it.
            File.Delete(state.SpoolPath);
            return state;
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(directory, "prepared", e);
        }
    }

    /// <summary>For pages that wait to be packed.</summary>
    public string PageSpoolPath => _stem + ".pages";

    /// <summary>Keeps a table that is wrong out of the way, for whoever wants to see what is wrong with it: the newest such table only.</summary>
    /// <exception cref="LocalStateException">The directory cannot be written.</exception>
    public void SetTableAside()
    {
        try
        {
            File.Move(HashTablePath, HashTablePath + ".doubtful", overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // There is none to be believed.
        }
        catch (Exception e) when (LocalStateException.IsFileError(e))
        {
            throw new LocalStateException(HashTablePath, "renamed", e);
        }
    }

    public SpoolFile CreateSpool() => SpoolFile.Create(SpoolPath);
}
