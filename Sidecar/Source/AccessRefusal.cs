using BackupSidecar.Primitives;

namespace BackupSidecar.Source;

/// <summary>Which file or directory keeps this process from reading a database. Asks by path only; never opens anything.</summary>
internal static class AccessRefusal
{
    /// <returns>Who may not do what with which of them; null: nothing on the way refuses to be read.</returns>
    public static OperatorException? Find(string path)
    {
        foreach (var directory in DirectoriesAbove(Path.GetFullPath(path)))
        {
            if (NativeFile.Stat(directory, out var stat) == 0 && !NativeFile.IsSearchable(directory))
            {
                return SourceErrors.Refused(path, directory, "searched", stat);
            }
        }

        foreach (var file in (string[])[path, path + SourceFile.WalSuffix, path + SourceFile.ShmSuffix])
        {
            if (NativeFile.Stat(file, out var stat) == 0 && !NativeFile.IsReadable(file))
            {
                return SourceErrors.Refused(path, file, "read", stat);
            }
        }

        return null;
    }

    /// <summary>The root first.</summary>
    private static Stack<string> DirectoriesAbove(string path)
    {
        var directories = new Stack<string>();
        for (var directory = Path.GetDirectoryName(path); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            directories.Push(directory);
        }

        return directories;
    }
}
